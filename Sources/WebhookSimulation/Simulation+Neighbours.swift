internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

/// The behaviour of hostile accounts in ``Simulation/neighbours(_:accounts:events:seed:)``.
public enum Hostility: String, Sendable, Hashable, CaseIterable {
    /// The accounts' endpoints accept requests and never respond.
    case hanging
    /// The accounts' endpoints respond after four seconds.
    case slow
    /// The accounts' endpoints immediately respond with 503.
    case failing
    /// The accounts' endpoints immediately respond with 429.
    case throttling
    /// The accounts' endpoints respond immediately, and the accounts replay everything repeatedly.
    case replays
}

extension Simulation {
    /// Measures, in simulated time, the latency of one account beside hostile ones, on a worker of 64 requests.
    ///
    /// - Parameters:
    ///   - hostility: The behaviour of the hostile accounts, each of which publishes ten events a second.
    ///   - accounts: The number of hostile accounts.
    ///   - events: The number of events that the account publishes, one every 20 ms.
    ///   - seed: The seed for latencies and interleavings.
    /// - Returns: The latencies.
    /// - Throws: Any error of creating the store.
    public func neighbours(
        _ hostility: Hostility, accounts: Int, events: Int = 1000, seed: UInt64 = 1
    ) throws -> FairnessReport {
        func waits(beside accounts: Int) throws -> DeliveryStatistics.LatencyHistogram {
            let plan = SimulationPlan(quiet: .milliseconds(20) * events, accounts: accounts + 1, maximumInFlight: 64)
            let world = try world(SimulationScheduler(seed: seed, keepsLog: false), plan)
            return world.waits(beside: accounts, hostility, events: events)
        }
        return FairnessReport(alone: try waits(beside: 0), beside: try waits(beside: accounts))
    }
}

extension SimulatedWorld {
    /// When the hostile accounts start, in microseconds; the endpoint of the other account counts as quick by then.
    private static let warmUp: Int64 = 1_000_000

    fileprivate func waits(beside accounts: Int, _ hostility: Hostility, events: Int)
        -> DeliveryStatistics.LatencyHistogram
    {
        faults.areOn = false
        register()
        boot()
        for number in 0..<events { schedule(number, of: accounts, at: Int64(number) * 20_000) }
        for account in 0..<accounts {
            endpoint(of: "https://endpoint-\(account)-0.example.com/").hostility = hostility
            let begin = Self.warmUp + 100_000 * Int64(account) / Int64(accounts)
            for (number, moment) in stride(from: begin, to: plan.activity, by: 100_000).enumerated() {
                schedule(number, of: account, at: moment)
                if hostility == .replays, number % 5 == 4 {
                    scheduler.after(moment) { [self] in replay(account, number) }
                }
            }
        }
        _ = scheduler.run(until: scheduler.now + plan.activity + 1_000_000, maximumSteps: .max / 2)
        defer { end() }
        return history.waits[Self.account(accounts)] ?? DeliveryStatistics.LatencyHistogram()
    }

    private func schedule(_ number: Int, of account: Int, at moment: Int64) {
        scheduler.after(moment) { [self] in
            publish(number, of: account)
            // The publishing process wakes its dispatcher.
            for (_, service, _) in hosts { service.wake() }
        }
    }

    /// Replays all finished deliveries of an account, at a thousand a second.
    private func replay(_ account: Int, _ number: Int) {
        let filter = Replay.Filter(
            webhookID: WebhookID(unchecked: "wh_\(account)_0"), since: Timestamp(microseconds: .min),
            until: Timestamp(microseconds: .max), statuses: [.succeeded, .failed])
        let replay = Replay(
            id: ReplayID(unchecked: "job_\(account)_\(number)"), accountID: Self.account(account), filter: filter,
            perSecond: 1000, total: 0, nextAt: storeClock.now)
        // Replays beyond the limit are refused.
        administer({ [limits = plan.limits] in try? await $0.start(replay, limits: limits) }) { _, _ in }
    }
}
