public import WebhookEvents
internal import WebhookPayload
public import WebhookSigning

/// The consumer's side in one value: verify, decode, deduplicate, route, answer.
///
/// It knows no server framework: give it the method, the header fields and the raw body, and send back what it answers.
public struct WebhookReceiver: Sendable {
    let verifier: WebhookVerifier
    private let deduplication: any DeduplicationStore
    let clock: any WebhookClock
    private let background: BackgroundQueue?
    let limits: ReceiverLimits
    private var routes = EventRoutes()
    private var errorHandler: (@Sendable (any Error, WebhookContext) async -> Void)?
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
    public init(
        verifier: WebhookVerifier, deduplication: any DeduplicationStore, clock: any WebhookClock,
        background: BackgroundQueue? = nil, limits: ReceiverLimits = ReceiverLimits()
    ) {
        self.verifier = verifier
        self.deduplication = deduplication
        self.clock = clock
        self.background = background
        self.limits = limits
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
            secrets: verifier.secretCount, now: clock.now, quiet: limits.deduplication.retrySpan)
    }

    /// Handles an event that is proven, unless it was handled before.
    func accept(_ event: VerifiedEvent, headers: HeaderFields) async -> WebhookReply {
        let now = clock.now
        secretUsage.record(event.proof, now: now)
        if let maximumAge = limits.maximumAge, now - event.envelope.timestamp > maximumAge {
            return WebhookReply(
                400, .refused("The event is older than \(maximumAge). It may be a replay; it will not be handled."))
        }
        let key = DeduplicationKey(account: event.envelope.metadata.accountID, event: event.envelope.id)
        let claim: DeduplicationClaim
        do {
            switch try await claimed(key, now: now) {
            case .duplicate: return WebhookReply(200, .duplicate)
            case .inProgress: return .busy("The event is being handled.")
            case .claimed(let new): claim = new
            }
        } catch {
            return WebhookReply(503, .failed("The deduplication store cannot take the event now."))
        }
        let lifetime = limits.deduplication.lifetime(tolerance: verifier.tolerance, maximumAge: limits.maximumAge)
        let context = WebhookContext(event, headers: headers, claim: claim, keepUntil: now + lifetime)
        guard let background else { return await handle(event.event, context) }
        let leaseEnd = now + limits.deduplication.lease
        guard background.add({ await handleLater(event, headers, context, leaseEnd: leaseEnd) }) else {
            try? await deduplication.release(claim)
            return WebhookReply(503, .failed("Too many events wait."), headers: ["Retry-After": "5"])
        }
        return WebhookReply(200, .accepted)
    }

    private func claimed(_ key: DeduplicationKey, now: Timestamp) async throws -> DeduplicationResult {
        try await deduplication.claim(key, now: now, until: now + limits.deduplication.lease)
    }

    /// Runs what waited in the background; where it waited beyond its lease, only if it can be claimed again.
    private func handleLater(
        _ event: VerifiedEvent, _ headers: HeaderFields, _ context: WebhookContext, leaseEnd: Timestamp
    ) async {
        guard clock.now >= leaseEnd else {
            _ = await handle(event.event, context)
            return
        }
        guard case .claimed(let claim) = try? await claimed(context.claim.key, now: clock.now) else { return }
        let renewed = WebhookContext(event, headers: headers, claim: claim, keepUntil: context.keepUntil)
        _ = await handle(event.event, renewed)
    }

    /// Runs the handlers and settles the claim.
    private func handle(_ event: TaskFlowEvent, _ context: WebhookContext) async -> WebhookReply {
        do {
            let isOutdated = try await routes.run(
                event, context, now: clock.now, lease: limits.deduplication.lease)
            try await deduplication.commit(context.claim, keepUntil: context.keepUntil)
            return WebhookReply(200, isOutdated ? .outdated : .accepted)
        } catch is ResourceBusy {
            try? await deduplication.release(context.claim)
            return .busy("Another event of the same resource is being handled.")
        } catch {
            try? await deduplication.release(context.claim)
            await errorHandler?(error, context)
            return WebhookReply(500, .failed("The handler failed."))
        }
    }
}
