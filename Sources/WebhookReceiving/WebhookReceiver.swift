public import WebhookEvents
internal import WebhookPayload
public import WebhookSigning

/// A receiver of webhooks, which verifies, decodes, deduplicates, routes and answers requests.
///
/// The receiver is independent of the server framework: pass the method, the header fields and the raw body, and send
/// its reply.
///
/// Create a receiver once, at the start of the server, and use it for all requests: it prepares the keys, and its
/// ``secretUsage`` covers the requests that it has received. Copies share both.
public struct WebhookReceiver: Sendable {
    let verifier: WebhookVerifier
    let deduplication: any DeduplicationStore
    let clock: any WebhookClock
    let background: BackgroundQueue?
    let limits: ReceiverLimits
    let endpoint: String
    private(set) var routes = EventRoutes()
    private(set) var errorHandler: (@Sendable (any Error, WebhookContext) async -> Void)?
    /// The record of which of the verifier's secrets the sender still uses.
    public let secretUsage: SecretUsage

    /// Creates a receiver without handlers.
    ///
    /// - Parameters:
    ///   - verifier: Verifies the requests.
    ///   - deduplication: Remembers which events were handled.
    ///   - clock: The source of the current time.
    ///   - background: The queue in which handlers run after the response. Without a queue they run before the
    ///     response, and the sender retries an event whose handler throws.
    ///   - limits: The limits on the size and age of events, and how long they are remembered.
    ///   - endpoint: A name that distinguishes receivers that share a deduplication store; each of them handles every
    ///     event once.
    ///   - secretUsage: The record of used secrets; pass the same one to all receivers of an endpoint.
    public init(
        verifier: WebhookVerifier, deduplication: any DeduplicationStore, clock: any WebhookClock,
        background: BackgroundQueue? = nil, limits: ReceiverLimits = ReceiverLimits(), endpoint: String = "",
        secretUsage: SecretUsage = SecretUsage()
    ) {
        self.verifier = verifier
        self.deduplication = deduplication
        self.clock = clock
        self.background = background
        self.limits = limits
        self.endpoint = endpoint
        self.secretUsage = secretUsage
    }

    /// Handles events of one type.
    ///
    /// - Parameters:
    ///   - payload: The Swift type of the event's data.
    ///   - order: Skips an event that is older than one of the same resource that this handler, or another with the
    ///     same order, has handled. Without an order, the handler receives events as they arrive. Use an order for
    ///     handlers that mirror a task, not for one that starts something on `task.completed` and needs every event.
    ///   - handler: Handles the event. If it throws, the sender retries, unless the handler runs in the background.
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
    /// - Parameter handler: Handles the event.
    public mutating func onAny(
        _ handler: @escaping @Sendable (_ event: TaskFlowEvent, _ context: WebhookContext) async throws -> Void
    ) {
        routes.addAny(handler)
    }

    /// Handles events of unknown types, which were added after this code was built.
    ///
    /// Without this handler, such events are accepted and dropped.
    ///
    /// - Parameter handler: Handles the event.
    public mutating func onUnknown(
        _ handler: @escaping @Sendable (_ event: UnknownEvent, _ context: WebhookContext) async throws -> Void
    ) {
        routes.setUnknown(handler)
    }

    /// Receives the errors that handlers throw.
    ///
    /// - Parameter handler: Handles the error, for example by logging it.
    public mutating func onError(
        _ handler: @escaping @Sendable (_ error: any Error, _ context: WebhookContext) async -> Void
    ) {
        errorHandler = handler
    }
}

extension WebhookReceiver {
    /// Returns the usage of each of the verifier's secrets.
    ///
    /// A report's description reads like this: "Previous secret 1: last used at …; safe to drop."
    ///
    /// - Returns: A report for each secret, the current one first.
    public func secretReports() -> [SecretUsage.Report] {
        secretUsage.reports(
            secrets: verifier.secretCount, quiet: limits.deduplication.retrySpan)
    }
}
