#if HTTPTransport
internal import NIOCore
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits

/// The identity of one request; it stores a cancellation that may precede the start of the request.
final class HTTPTicket: Sendable {
    private static let last = Atomic(0)

    /// The number of the request in this process.
    let id = HTTPTicket.last.add(1, ordering: .relaxed).newValue
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}

/// A request that is passed to the thread that sends it.
struct HTTPJob: Sendable {
    let ticket: HTTPTicket
    let key: EndpointKey
    let account: AccountID?
    let head: [UInt8]
    let body: [UInt8]
    let deadline: NIODeadline
    let continuation: CheckedContinuation<WebhookResponse, any Error>
}
#endif
