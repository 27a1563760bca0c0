public import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

/// How long one account's deliveries wait, without and with other accounts beside them.
public struct FairnessReport: Sendable, Hashable {
    /// From the commit of a delivery to its first request, with nothing beside it.
    public let alone: LatencyHistogram
    /// The same, beside the others.
    public let beside: LatencyHistogram

    /// How many times longer the 99th percentile is beside the others; `nil` when not everything was sent in time.
    public var ratio: Double? {
        // Somebody who was not served at all must not improve the figure.
        guard alone.count == beside.count, let alone = alone.percentile(0.99), let beside = beside.percentile(0.99),
            alone > .zero
        else {
            return nil
        }
        return beside / alone
    }

    /// Whether everything was sent, and the 99th percentile is at most twice that alone, or 25 ms more, whichever is larger.
    public var isUnharmed: Bool {
        guard let ratio, let alone = alone.percentile(0.99), let beside = beside.percentile(0.99) else { return false }
        return ratio <= 2 || beside - alone <= .milliseconds(25)
    }
}

extension Simulation {
    /// Measures, in simulated time, how long an account waits while another one has a backlog due to an endpoint that hangs.
    ///
    /// - Parameters:
    ///   - backlog: How many deliveries of the other account are due.
    ///   - events: How many events the account publishes, one every 20 ms.
    ///   - seed: What latencies and interleavings are drawn from.
    /// - Returns: The waits.
    /// - Throws: What making the store throws.
    public func fairness(backlog: Int, events: Int = 1000, seed: UInt64 = 1) throws -> FairnessReport {
        func waits(beside backlog: Int) throws -> LatencyHistogram {
            let plan = SimulationPlan(quiet: .milliseconds(20) * events)
            let world = try world(SimulationScheduler(seed: seed, keepsLog: false), plan)
            return world.waits(beside: backlog, events: events)
        }
        return FairnessReport(alone: try waits(beside: 0), beside: try waits(beside: backlog))
    }
}

extension SimulatedWorld {
    fileprivate func waits(beside backlog: Int, events: Int) -> LatencyHistogram {
        faults.areOn = false
        register()
        hang("https://endpoint-0-0.example.com/")
        for number in 0..<backlog { publish(-1 - number, of: 0) }
        boot()
        for number in 0..<events {
            scheduler.after(Int64(number) * 20_000) { [self] in
                publish(number, of: 1)
                // The process that published wakes its dispatcher.
                for (_, service, _) in hosts { service.wake() }
            }
        }
        _ = scheduler.run(until: scheduler.now + plan.activity + 1_000_000, maximumSteps: .max / 2)
        defer { end() }
        return history.waits[Self.account(1)] ?? LatencyHistogram()
    }

    func publish(_ number: Int, of account: Int) {
        guard let type = EventType("thing.made"),
            let envelope = try? Envelope(
                type: type, data: Array("{}".utf8), id: EventID(unchecked: "evt_\(number)"), timestamp: storeClock.now,
                metadata: EventMetadata(accountID: Self.account(account)))
        else { return }
        let publication = EventPublication(
            envelope, publishedAt: storeClock.now, seed: scheduler.chance.next(), limits: plan.limits)
        administer({ try await $0.publish(publication) }) { $0.published(publication, $1) }
    }
}
