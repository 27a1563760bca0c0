internal import Synchronization
public import WebhookDelivery
public import WebhookLimits

/// A transport without a network: a closure answers, and every request is kept.
public final class ScriptedTransport: WebhookTransport {
    /// Answers a request, or throws as a transport would.
    public typealias Script = @Sendable (_ request: WebhookRequest, _ number: Int) async throws -> WebhookResponse

    /// Which endpoints it pretends to connect to.
    public let policy: EndpointPolicy
    private let script: Script
    private let log = Mutex<[WebhookRequest]>([])

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - policy: Which endpoints it pretends to connect to.
    ///   - script: Answers each request; `number` counts all requests from 1.
    public init(policy: EndpointPolicy = .production, script: @escaping Script) {
        self.policy = policy
        self.script = script
    }

    /// Creates a transport that answers with these statuses in turn, and with the last one from then on.
    ///
    /// - Parameters:
    ///   - policy: Which endpoints it pretends to connect to.
    ///   - statuses: The statuses; 200 when there are none.
    public convenience init(policy: EndpointPolicy = .production, statuses: [Int]) {
        self.init(policy: policy) { _, number in
            let index = min(number, statuses.count) - 1
            return WebhookResponse(status: index >= 0 ? statuses[index] : 200)
        }
    }

    /// All requests so far, in the order they were made.
    public var requests: [WebhookRequest] { log.withLock { $0 } }

    /// Answers by the script.
    ///
    /// - Parameter request: The request.
    /// - Returns: What the script answers.
    /// - Throws: What the script throws.
    public func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        let number = log.withLock { log in
            log.append(request)
            return log.count
        }
        return try await script(request, number)
    }
}
