#if HTTPTransport
internal import NIOCore
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits

/// The key of an endpoint; requests with the same key can share a connection, including the host name verified by TLS.
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

/// The identity of one request; it stores a cancellation that may precede the start of the request.
final class HTTPTicket: Sendable {
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
