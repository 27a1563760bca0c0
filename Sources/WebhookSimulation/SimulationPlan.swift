internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// The parameters of one run: the size of its world, its configuration and its faults.
///
/// Each seed draws its own mix ("swarm testing": Groce et al., ISSTA 2012), because faults that are always on hide each
/// other.
struct SimulationPlan {
    let hosts: Int
    let accounts: Int
    let webhooksPerAccount: Int
    let events: Int
    /// How long events are published and users make changes, in microseconds.
    let activity: Int64
    let retryPolicies: [RetryPolicy]
    let limits: ServiceLimits
    let configuration: Dispatcher.Configuration
    let faultRates: [FaultSite: Int]
    /// The number of changes that users make.
    let changes: Int
    /// The percentage of endpoints that misbehave.
    let badEndpoints: Int
    /// The percentage of endpoints with a real receiver.
    let consumers: Int
    /// Whether webhooks differ in their event types, ordering and rate limits.
    let hasMixedWebhooks: Bool
    let hasPoison: Bool
    /// Whether midnight falls in the middle of the run, which resets every daily quota.
    let crossesMidnight: Bool

    init(_ chance: inout SeededGenerator, _ shrink: Simulation.Shrink) {
        hosts = chance.draw(1...3)
        accounts = chance.draw(1...3)
        webhooksPerAccount = chance.draw(1...3)
        events = min(chance.draw(1...40), shrink.maximumEvents)
        activity = Int64(chance.pick([5, 30, 120])) * 1_000_000
        // One seed in ten runs without faults, and must be perfect.
        let isFaultFree = chance.oneIn(10)
        let rates = Faults.drawRates(&chance, without: shrink.quiet)
        faultRates = isFaultFree ? [:] : rates
        changes = isFaultFree ? 0 : min(chance.below(12), shrink.maximumChanges)
        badEndpoints = isFaultFree ? 0 : chance.pick([0, 30, 100])
        hasMixedWebhooks = true
        consumers = chance.pick([0, 50, 100])
        hasPoison = chance.oneIn(8) && !isFaultFree
        crossesMidnight = chance.oneIn(6)
        retryPolicies = Self.policies(&chance)
        (limits, configuration) = Self.configuration(
            &chance, dailyLimit: crossesMidnight ? [5] : [1000, 1000, 1000, 5])
    }

    /// Creates a plan without faults: one host, one webhook per account, no limits, and the default configuration.
    init(quiet activity: Duration, accounts: Int = 2, maximumInFlight: Int? = nil) {
        self.accounts = accounts
        (hosts, webhooksPerAccount, events, changes) = (1, 1, 0, 0)
        self.activity = activity.wholeMicroseconds
        retryPolicies = [.standard]
        limits = ServiceLimits(deliveriesPerDay: .max, openDeliveriesPerWebhook: .max)
        var configuration = Dispatcher.Configuration()
        if let maximumInFlight { configuration.maximumInFlight = maximumInFlight }
        self.configuration = configuration
        faultRates = [:]
        (badEndpoints, consumers) = (0, 0)
        (hasMixedWebhooks, hasPoison, crossesMidnight) = (false, false, false)
    }

    private static func policies(_ chance: inout SeededGenerator) -> [RetryPolicy] {
        let quick = RetryPolicy(clamping: [1, 2, 5].map { .seconds($0) }, retryAfterCap: .seconds(20))
        let steep = RetryPolicy(clamping: [5, 30, 60, 120].map { .seconds($0) }, retryAfterCap: .seconds(100))
        return chance.oneIn(12) ? [.standard] : [quick, steep]
    }

    private static func configuration(
        _ chance: inout SeededGenerator, dailyLimit: [Int]
    ) -> (ServiceLimits, Dispatcher.Configuration) {
        let limits = ServiceLimits(
            deliveriesPerDay: chance.pick(dailyLimit),
            openDeliveriesPerWebhook: chance.pick([1000, 1000, 8]))
        var configuration = Dispatcher.Configuration()
        configuration.maximumInFlight = chance.pick([2, 8, 64])
        let most = configuration.maximumInFlight
        configuration.firstAttemptSlots = chance.pick([most / 4, most / 2, most - 1])
        configuration.maximumBytesInFlight = chance.pick([64_000_000, 2000])
        configuration.rules.maximumInFlightPerWebhook = chance.pick([1, 3, 16])
        configuration.rules.maximumInFlightPerAccount = chance.pick([2, 32])
        configuration.rules.health.breaker.failures = chance.pick([3, 10])
        configuration.rules.health.breaker.longestBreak = .seconds(40)
        configuration.rules.health.maximumBackOff = .seconds(20)
        configuration.rules.health.failure = chance.pick([
            .whenNothingArrives, .whenNothingArrives, .whenAnyDeliveryFails, .afterFailing(for: .seconds(60)), .never,
        ])
        // With a small daily limit a run spans several days, which must take few steps.
        let polls: [Int64] = limits.deliveriesPerDay < 100 ? [300] : [1, 5, 30]
        configuration.pollInterval = .seconds(chance.pick(polls))
        return (limits, configuration)
    }
}
