public import WebhookEvents
internal import WebhookPayload
public import WebhookSigning

/// The consumer's side in one value: verify, decode, deduplicate, route, answer.
///
/// It knows no server framework: give it the method, the header fields and the raw body, and send back what it answers.
public struct WebhookReceiver: Sendable {
    let verifier: WebhookVerifier
    let deduplication: any DeduplicationStore
    let clock: any WebhookClock
    let background: BackgroundQueue?
    let limits: ReceiverLimits
    let endpoint: String
    private(set) var routes = EventRoutes()
    private(set) var errorHandler: (@Sendable (any Error, WebhookContext) async -> Void)?
    /// Which of the verifier's secrets the sender still uses.
    public let secretUsage = SecretUsage()

    /// Creates a receiver without handlers.
    ///
    /// - Parameters:
    ///   - verifier: Proves where requests come from.
    ///   - deduplication: Remembers which events were handled.
    ///   - clock: The time.
    ///   - background: Where handlers run after the answer; without it they run before, and a handler that throws makes
    ///     the sender come again.
    ///   - limits: How large and how old an event may be, and how long it is remembered.
    ///   - endpoint: A name that tells receivers apart which share a deduplication store: each handles every event once.
    public init(
        verifier: WebhookVerifier, deduplication: any DeduplicationStore, clock: any WebhookClock,
        background: BackgroundQueue? = nil, limits: ReceiverLimits = ReceiverLimits(), endpoint: String = ""
    ) {
        self.verifier = verifier
        self.deduplication = deduplication
        self.clock = clock
        self.background = background
        self.limits = limits
        self.endpoint = endpoint
    }

    /// Handles events of one type.
    ///
    /// - Parameters:
    ///   - payload: The Swift type of the event's data.
    ///   - order: Keeps the handler from seeing an event that is older than one of the same resource that it, or another
    ///     handler with the same order, has handled; without it events come as they arrive. For handlers that mirror a
    ///     task; one that starts something on `task.completed` wants every event.
    ///   - handler: Does the work; what it throws makes the sender come again, unless it runs in the background.
    public mutating func on<Payload: EventPayload>(
        _ payload: Payload.Type, order: (any ResourceOrder)? = nil,
        _ handler: @escaping @Sendable (_ event: Payload, _ context: WebhookContext) async throws -> Void
    ) {
        routes.add(Payload.eventType, order: order) { event, context in
            if let payload = Payload(event) { try await handler(payload, context) }
        }
    }

    /// Handles every event, after the handlers of its type.
    ///
    /// - Parameter handler: Does the work.
    public mutating func onAny(
        _ handler: @escaping @Sendable (_ event: TaskFlowEvent, _ context: WebhookContext) async throws -> Void
    ) {
        routes.addAny(handler)
    }

    /// Handles events of types that were added after this code was built; without it they are accepted and dropped.
    ///
    /// - Parameter handler: Does the work.
    public mutating func onUnknown(
        _ handler: @escaping @Sendable (_ event: UnknownEvent, _ context: WebhookContext) async throws -> Void
    ) {
        routes.setUnknown(handler)
    }

    /// Sees what handlers throw.
    ///
    /// - Parameter handler: Logs the error.
    public mutating func onError(
        _ handler: @escaping @Sendable (_ error: any Error, _ context: WebhookContext) async -> Void
    ) {
        errorHandler = handler
    }
}

extension WebhookReceiver {
    /// What is known of each of the verifier's secrets: "previous secret 1: last used at …; safe to drop".
    ///
    /// - Returns: A report for each, the current secret first.
    public func secretReports() -> [SecretUsage.Report] {
        secretUsage.reports(
            secrets: verifier.secretCount, quiet: limits.deduplication.retrySpan)
    }
}
