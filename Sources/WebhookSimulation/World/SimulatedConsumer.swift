public import WebhookEvents
public import WebhookReceiving

/// A consumer's process in a simulation, which provides the clock, secrets and database for the receiver under test.
///
/// The process may crash or freeze at any time, even within a handler, and is restarted. Its database outlives it. A
/// database call may fail before its effect, or lose its reply after it.
public struct SimulatedConsumer: Sendable {
    /// A verifier for the TaskFlow scheme, with every secret that the webhook's owner has received.
    public let verifier: WebhookVerifier
    /// The process's clock, which may be wrong by minutes.
    public let clock: any WebhookClock
    /// The deduplication store in the consumer's database.
    public let deduplication: any DeduplicationStore
    /// Limits with claims that expire soon after a crash, and deduplication that outlasts every redelivery of a run.
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
        // Runs last for weeks; deduplication covers a longer time, so no age limit is needed.
        limits.maximumAge = nil
        self.limits = limits
    }

    /// Does a handler's work in the consumer's database, which the checks of the run count.
    ///
    /// - Parameter context: The context of the event.
    /// - Throws: An error when the database fails; the work may be done nevertheless.
    public func handle(_ context: WebhookContext) async throws {
        let (history, url) = (site.world.history, site.url)
        try await host.call(.handle) { history.handled(context.id, at: url) }
    }

    /// Returns a receiver that verifies, deduplicates and handles every event.
    public func receiver() -> WebhookReceiver {
        var receiver = WebhookReceiver(
            verifier: verifier, deduplication: deduplication, clock: clock, limits: limits)
        receiver.onAny { _, context in try await handle(context) }
        return receiver
    }
}

/// The deduplication store in the consumer's database, whose calls take time and may fail with an unknown outcome.
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
