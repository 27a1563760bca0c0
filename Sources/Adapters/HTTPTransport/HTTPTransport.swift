#if HTTPTransport
internal import NIOCore
public import WebhookDelivery
internal import WebhookHTTP1
public import WebhookLimits

/// A transport that sends webhooks over HTTP/1.1 and TLS, based on SwiftNIO.
///
/// The transport looks up a host once, rejects it if the policy forbids any of its addresses, connects to a validated
/// address, and presents and verifies the original name in TLS. It follows no redirects, uses no proxy unless
/// configured, and does not decompress. One deadline covers the whole request, and all input is limited. Connections
/// are kept and reused for the same endpoint while their address is in the latest answer for its name.
public final class HTTPTransport: WebhookTransport {
    /// The policy that validates endpoints and their addresses.
    public let policy: EndpointPolicy
    private let workers: [HTTPWorkerHandle]

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - policy: The policy that validates endpoints and their addresses.
    ///   - configuration: The configuration of TLS, limits and an egress proxy.
    ///   - resolver: The resolver for host names; the default is the system's resolver.
    public init(
        policy: EndpointPolicy, configuration: HTTPTransportConfiguration = HTTPTransportConfiguration(),
        resolver: any HostResolver = SystemResolver()
    ) {
        self.policy = policy
        let context = HTTPWorkerContext(policy: policy, configuration: configuration, resolver: resolver)
        // NIO makes no event loop group without threads.
        self.workers = configuration.eventLoopGroup.makeIterator().map { HTTPWorkerHandle(context, $0) }
    }

    /// Sends one request and waits for the response.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response, whatever its status.
    /// - Throws: `TransportError`, or `CancellationError` if the task is cancelled.
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
                        ticket: ticket, key: key, account: request.accountID, head: head.bytes, body: request.body,
                        deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            ticket.cancel()
            worker.cancel(ticket)
        }
    }

    /// An executor that runs tasks on the transport's first thread.
    ///
    /// A task that sends from this thread saves two thread switches per request, a quarter of the request's cost. A
    /// task that blocks the thread delays all of its connections.
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(transport.taskExecutor) { try await service.run() }
    /// ```
    public var taskExecutor: any TaskExecutor { workers[0] }

    /// Returns the worker of the current thread if it is one of the transport's.
    ///
    /// Otherwise an endpoint always gets the same worker, so that all its requests share its connections without a
    /// lock.
    private func worker(for key: EndpointKey) -> HTTPWorkerHandle {
        workers.first { $0.eventLoop.inEventLoop }
            ?? workers[Int(UInt(bitPattern: key.hashValue) % UInt(workers.count))]
    }
}

extension TimeAmount {
    /// Creates the amount of a duration, clamped to at most one hour, the longest wait of the transport.
    init(clamping duration: Duration) {
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(3600)).components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
#else
/// Available with the trait `HTTPTransport`.
@available(*, unavailable, message: "HTTPTransport needs the trait: .package(…, traits: [\"HTTPTransport\"])")
public struct HTTPTransport {}
#endif
