public import WebhookEvents
public import WebhookReceiver

/// A consumer's process in a simulation, for the receiver under test: its clock, its secrets, and its database.
///
/// The process may crash or freeze at any moment, also in the middle of a handler, and starts again. Its database outlives it; a
/// call of that may fail before its effect, or after it with the reply lost.
public struct SimulatedConsumer: Sendable {
    /// Proves requests by the documented header, with every secret that the webhook's owner was given.
    public let verifier: WebhookVerifier
    /// The process's clock, which may be wrong by minutes.
    public let clock: any WebhookClock
    /// Remembers events in the consumer's database.
    public let deduplication: any DeduplicationStore
    /// Claims that end soon after a crash, and a memory that outlasts every redelivery of a run.
    public let limits: ReceiverLimits
    let site: ConsumerSite
    let host: SimulatedHost

    init(site: ConsumerSite, host: SimulatedHost, memory: any DeduplicationStore, verifier: WebhookVerifier) {
        self.site = site
        self.host = host
        self.verifier = verifier
        clock = host.clock
        deduplication = SimulatedDeduplication(base: memory, site: site, host: host)
        var limits = ReceiverLimits()
        limits.deduplication = DeduplicationPolicy(lease: .seconds(20), retrySpan: .seconds(400 * 86_400))
        // Schedules of the simulator last for weeks, and events that are remembered for longer need no other limit.
        limits.maximumAge = nil
        self.limits = limits
    }

    /// Does a handler's work in the consumer's database: what is counted when the run is judged.
    ///
    /// - Parameter context: The event's.
    /// - Throws: When the database fails; the work may be done nevertheless.
    public func handle(_ context: WebhookContext) async throws {
        let (history, url) = (site.world.history, site.url)
        try await host.call(.handle) { history.handled(context.id, at: url) }
    }

    /// A receiver that verifies, deduplicates and handles every event.
    public func receiver() -> WebhookReceiver {
        var receiver = WebhookReceiver(
            verifier: verifier, deduplication: deduplication, clock: clock, limits: limits)
        receiver.onAny { _, context in try await handle(context) }
        return receiver
    }
}

/// The consumer's own database, where its process remembers events: far away, and never certain what it did.
struct SimulatedDeduplication: DeduplicationStore {
    let base: any DeduplicationStore
    let site: ConsumerSite
    let host: SimulatedHost

    private func call<Value: Sendable>(
        _ body: @escaping @Sendable (any DeduplicationStore) async throws -> Value
    ) async throws -> Value {
        let (effects, base) = (site.world.effects, base)
        return try await host.call(.remember) { try effects.run { try await body(base) } }
    }

    func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        try await call { try await $0.claim(key, now: now, until: leaseEnd) }
    }

    func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {
        try await call { try await $0.commit(claim, keepUntil: expiry) }
    }

    func release(_ claim: DeduplicationClaim) async throws {
        try await call { try await $0.release(claim) }
    }
}
