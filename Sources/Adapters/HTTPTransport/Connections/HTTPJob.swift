#if HTTPTransport
internal import NIOCore
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits

/// What two requests must share to share a connection: the name that TLS verified among it.
struct EndpointKey: Hashable, Sendable {
    let isSecure: Bool
    let host: String
    let port: Int

    init(_ url: EndpointURL) {
        self.isSecure = url.isSecure
        self.host = url.host
        self.port = url.port
    }
}

/// Names one request, and remembers that its task was cancelled, which may be before anybody has heard of it.
final class HTTPTicket: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}

/// A request on its way to the thread that sends it.
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
