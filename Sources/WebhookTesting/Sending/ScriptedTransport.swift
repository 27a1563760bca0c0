internal import Synchronization
public import WebhookDelivery
public import WebhookLimits

/// A transport without a network, which takes its responses from a closure and records every request.
public final class ScriptedTransport: WebhookTransport {
    /// A closure that returns the response to a request, or throws as a transport would.
    public typealias Script = @Sendable (_ request: WebhookRequest, _ number: Int) async throws -> WebhookResponse

    /// The endpoint policy that the transport reports; it connects to no endpoint.
    public let policy: EndpointPolicy
    private let script: Script
    private let log = Mutex<[WebhookRequest]>([])

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - policy: The endpoint policy that the transport reports.
    ///   - script: Returns the response to each request; `number` counts all requests from 1.
    public init(policy: EndpointPolicy = .production, script: @escaping Script) {
        self.policy = policy
        self.script = script
    }

    /// Creates a transport that responds with the given statuses in turn, and then repeats the last one.
    ///
    /// - Parameters:
    ///   - policy: The endpoint policy that the transport reports.
    ///   - statuses: The statuses; if empty, every response is 200.
    public convenience init(policy: EndpointPolicy = .production, statuses: [Int]) {
        self.init(policy: policy) { _, number in
            let index = min(number, statuses.count) - 1
            return WebhookResponse(status: index >= 0 ? statuses[index] : 200)
        }
    }

    /// All requests so far, in order.
    public var requests: [WebhookRequest] { log.withLock { $0 } }

    /// Records a request and returns the response of the script.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response of the script.
    /// - Throws: Any error of the script.
    public func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        let number = log.withLock { log in
            log.append(request)
            return log.count
        }
        return try await script(request, number)
    }
}
