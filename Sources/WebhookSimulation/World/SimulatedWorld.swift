internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookTesting

/// The hosts of a run, and everything outside them.
final class SimulatedWorld: @unchecked Sendable {
    let scheduler: SimulationScheduler
    let plan: SimulationPlan
    let faults: Faults
    let effects = Effects()
    let storeClock: HostClock
    let store: any WebhookStore
    let history: History
    private(set) var hosts: [(host: SimulatedHost, service: WebhookService, task: Task<Void, Never>)] = []
    let makeReceiver: Simulation.MakeReceiver
    private let makeDeduplication: Simulation.MakeDeduplication
    private var endpoints: [String: SimulatedEndpoint] = [:]
    private(set) var consumers: [ConsumerSite] = []
    private var lastHost = 0
    private var tooManyExpiredLeases: EventID?
    private var isHealed = false

    init(
        _ scheduler: SimulationScheduler, _ plan: SimulationPlan, makeStore: Simulation.MakeStore,
        makeDeduplication: @escaping Simulation.MakeDeduplication, makeReceiver: @escaping Simulation.MakeReceiver
    ) throws {
        self.makeDeduplication = makeDeduplication
        self.makeReceiver = makeReceiver
        self.scheduler = scheduler
        self.plan = plan
        if plan.crossesMidnight {
            scheduler.epoch = Timestamp(startOfUTCDay: scheduler.epoch.utcDay + 1) - .microseconds(plan.activity / 2)
        }
        faults = Faults(scheduler, rates: plan.faultRates)
        storeClock = HostClock(scheduler)
        store = try makeStore(storeClock)
        history = History(scheduler, plan: plan, storeClock: storeClock)
        faults.onFault = { [history] host in history.fault(on: host.number) }
        if plan.hasPoison { tooManyExpiredLeases = EventID(unchecked: "evt_\(scheduler.chance.below(plan.events))") }
    }

    // MARK: - Hosts

    /// Starts a process, which is replaced by a new one whenever it ends.
    func boot() {
        let host = makeHost()
        let service = WebhookService(
            store: SimulatedStore(world: self, host: host), transport: SimulatedTransport(world: self, host: host),
            clock: host.clock, random: SeededRandomSource(seed: scheduler.chance.next()), limits: plan.limits,
            configuration: plan.configuration)
        host.onCrash = { [unowned self] in replace(host) }
        let task = host.start { [unowned self] in
            do {
                try await service.run()
                history.happened("graceful stops")
            } catch is CancellationError {
                history.happened("cancelled runs")
            } catch {
                history.violate("a host could not run: \(error)")
            }
            replace(host)
        }
        hosts.append((host, service, task))
    }

    /// Creates a machine with its own clock, on which nothing runs yet.
    func makeHost() -> SimulatedHost {
        lastHost += 1
        let areWrong = faults.rates[.clocks] != nil
        let clock = HostClock(
            scheduler, offset: areWrong ? Int64(scheduler.chance.draw(-600...600)) * 1_000_000 : 0,
            drift: areWrong ? Int64(scheduler.chance.draw(-200...200)) : 0)
        let host = SimulatedHost(scheduler, number: lastHost, clock: clock, faults: faults)
        clock.host = host
        return host
    }

    private func replace(_ host: SimulatedHost) {
        hosts.removeAll { $0.host === host }
        scheduler.after(Int64(scheduler.chance.below(5_000_000))) { [unowned self] in boot() }
    }

    /// Removes all hosts, which ends the run.
    func end() {
        for (host, _, _) in hosts {
            host.onCrash = {}
            host.crash()
        }
        hosts = []
        for consumer in consumers { consumer.end() }
        consumers = []
    }

    // MARK: - The network

    func endpoint(of url: String) -> SimulatedEndpoint {
        if let endpoint = endpoints[url] { return endpoint }
        let endpoint = SimulatedEndpoint(scheduler, plan: plan)
        endpoint.isHealed = isHealed
        if scheduler.chance.below(100) < plan.consumers, let memory = try? makeDeduplication() {
            let consumer = ConsumerSite(world: self, url: url, memory: memory)
            endpoint.consumer = consumer
            consumers.append(consumer)
        }
        endpoints[url] = endpoint
        return endpoint
    }

    /// Makes an endpoint accept requests and never respond.
    func hang(_ url: String) { endpoint(of: url).hostility = .hanging }

    /// Returns whether the event crashes every host that sends it.
    func isPoison(_ event: EventID) -> Bool { event == tooManyExpiredLeases }

    /// Ends all faults, so that open deliveries can finish.
    func heal() {
        faults.areOn = false
        isHealed = true
        for endpoint in endpoints.values { endpoint.isHealed = true }
        for (host, _, _) in hosts { host.thaw() }
        for consumer in consumers { consumer.host?.thaw() }
    }
}
