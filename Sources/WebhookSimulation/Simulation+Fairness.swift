public import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

/// The latencies of one account's deliveries, without and with load from other accounts.
public struct FairnessReport: Sendable, Hashable {
    /// The latency from the commit of a delivery to its first request, without other load.
    public let alone: DeliveryStatistics.LatencyHistogram
    /// The same latency with load from other accounts.
    public let beside: DeliveryStatistics.LatencyHistogram

    /// The 99th percentile with other load divided by the one without; `nil` when not everything was sent in time.
    public var ratio: Double? {
        // Deliveries that were never sent must not improve the ratio.
        guard alone.count == beside.count, let alone = alone.percentile(0.99), let beside = beside.percentile(0.99),
            alone > .zero
        else {
            return nil
        }
        return beside / alone
    }

    /// Whether everything was sent, and other load hardly raised the 99th percentile.
    ///
    /// The limit is twice the percentile without other load, or 25 ms more, whichever is larger.
    public var isUnharmed: Bool {
        guard let ratio, let alone = alone.percentile(0.99), let beside = beside.percentile(0.99) else { return false }
        return ratio <= 2 || beside - alone <= .milliseconds(25)
    }
}

extension Simulation {
    /// Measures, in simulated time, the latency of one account while another has a backlog for a hanging endpoint.
    ///
    /// - Parameters:
    ///   - backlog: The number of due deliveries of the other account.
    ///   - events: The number of events that the account publishes, one every 20 ms.
    ///   - seed: The seed for latencies and interleavings.
    /// - Returns: The latencies.
    /// - Throws: Any error of creating the store.
    public func fairness(backlog: Int, events: Int = 1000, seed: UInt64 = 1) throws -> FairnessReport {
        func waits(beside backlog: Int) throws -> DeliveryStatistics.LatencyHistogram {
            let plan = SimulationPlan(quiet: .milliseconds(20) * events)
            let world = try world(SimulationScheduler(seed: seed, keepsLog: false), plan)
            return world.waits(beside: backlog, events: events)
        }
        return FairnessReport(alone: try waits(beside: 0), beside: try waits(beside: backlog))
    }
}

extension SimulatedWorld {
    fileprivate func waits(beside backlog: Int, events: Int) -> DeliveryStatistics.LatencyHistogram {
        faults.areOn = false
        register()
        hang("https://endpoint-0-0.example.com/")
        for number in 0..<backlog { publish(-1 - number, of: 0) }
        boot()
        for number in 0..<events {
            scheduler.after(Int64(number) * 20_000) { [self] in
                publish(number, of: 1)
                // The publishing process wakes its dispatcher.
                for (_, service, _) in hosts { service.wake() }
            }
        }
        _ = scheduler.run(until: scheduler.now + plan.activity + 1_000_000, maximumSteps: .max / 2)
        defer { end() }
        return history.waits[Self.account(1)] ?? DeliveryStatistics.LatencyHistogram()
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
