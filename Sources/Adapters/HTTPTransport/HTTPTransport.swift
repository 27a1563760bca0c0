#if HTTPTransport
internal import NIOCore
public import WebhookDelivery
internal import WebhookHTTP1
public import WebhookLimits

/// Sends webhooks over HTTP/1.1, with TLS for `https`, on SwiftNIO.
///
/// It looks a host up once, refuses when any of its addresses is refused, connects to the very address it judged, and
/// presents and verifies the original name in TLS. It follows no redirect, uses no proxy that it was not told to, and
/// decompresses nothing. One deadline spans everything; what it reads is bounded. Connections are kept open and used
/// again for the same endpoint, as long as their address is among the latest answer for its name.
public final class HTTPTransport: WebhookTransport {
    /// Which endpoints it connects to.
    public let policy: EndpointPolicy
    private let workers: [HTTPWorkerHandle]

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - policy: Which endpoints it connects to.
    ///   - configuration: What it trusts, how much it holds, and how it leaves the machine.
    ///   - resolver: What looks host names up; the system's resolver unless said otherwise.
    public init(
        policy: EndpointPolicy, configuration: HTTPTransportConfiguration = HTTPTransportConfiguration(),
        resolver: any HostResolver = SystemResolver()
    ) {
        self.policy = policy
        let context = HTTPWorkerContext(policy: policy, configuration: configuration, resolver: resolver)
        // A group without threads has none to fall back on either; NIO makes no such group.
        self.workers = configuration.eventLoopGroup.makeIterator().map { HTTPWorkerHandle(context, $0) }
    }

    /// Sends one request and waits for the response.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response, whatever its status.
    /// - Throws: `TransportError`, or `CancellationError` when the task is cancelled.
    public func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        try Task.checkCancellation()
        let deadline = NIODeadline.now() + TimeAmount(clamping: request.timeout)
        let head = try RequestHead(request)
        let key = EndpointKey(request.url)
        let worker = worker(for: key)
        let ticket = HTTPTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                worker.submit(
                    HTTPJob(
                        ticket: ticket, key: key, account: request.account, head: head.bytes, body: request.body,
                        deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            ticket.cancel()
            worker.cancel(ticket)
        }
    }

    /// Runs tasks on the transport's first thread.
    ///
    /// A task that sends from there saves two changes of threads for each request, which is a quarter of its cost. Whatever
    /// blocks there holds up all connections:
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(transport.taskExecutor) { try await service.run() }
    /// ```
    public var taskExecutor: any TaskExecutor { workers[0] }

    /// The caller's own thread when it is one of the transport's.
    ///
    /// Otherwise an endpoint stays on one thread, so that its
    /// connections need no lock and are found by all its requests.
    private func worker(for key: EndpointKey) -> HTTPWorkerHandle {
        workers.first { $0.eventLoop.inEventLoop }
            ?? workers[Int(UInt(bitPattern: key.hashValue) % UInt(workers.count))]
    }
}

extension TimeAmount {
    /// The duration, but no more than an hour: nothing here waits longer.
    init(clamping duration: Duration) {
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(3600)).components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
#else
/// Needs the trait.
@available(*, unavailable, message: "HTTPTransport needs the trait: .package(…, traits: [\"HTTPTransport\"])")
public struct HTTPTransport {}
#endif
