public import WebhookDelivery
public import WebhookEvents
public import WebhookReceiving
public import WebhookTesting

/// A simulation of the engine with simulated machines, a simulated network and a simulated clock, all with faults.
///
/// The seed determines the run: the same seed gives the same run on every machine. Hosts crash, freeze and stop. Store
/// calls fail before their effect, or lose their reply after it. Endpoints hang, refuse, throttle and drop connections.
/// Clocks are wrong. Users change webhooks meanwhile. The simulation observes the run from outside, and reports
/// everything that must never happen as a violation. After a while all faults end, and every accepted delivery must
/// reach a final state.
///
/// ```swift
/// let report = try Simulation().run(seed: 42)
/// #expect(report.violations.isEmpty, "\(report)")
/// ```
public struct Simulation: Sendable {
    /// A closure that creates an empty store, which reads the time from the clock.
    public typealias MakeStore = @Sendable (any WebhookClock) throws -> any WebhookStore

    /// The parts to leave out of a run, to find the smallest run that fails.
    public struct Shrink: Sendable, Hashable {
        /// The sites without faults.
        public var quiet: Set<FaultSite> = []
        /// The maximum number of events.
        public var maximumEvents = Int.max
        /// The maximum number of changes that users make.
        public var maximumChanges = Int.max

        /// Creates a value that leaves out nothing.
        public init() {}
    }

    /// A closure that creates an empty deduplication store, called once per endpoint.
    public typealias MakeDeduplication = @Sendable () throws -> any DeduplicationStore
    /// A closure that creates the receiver for a request, in the consumer's process.
    public typealias MakeReceiver = @Sendable (SimulatedConsumer) -> WebhookReceiver

    private let makeStore: MakeStore
    private let makeDeduplication: MakeDeduplication
    private let makeReceiver: MakeReceiver

    /// Creates a simulation of the engine with a store, and of consumers that handle its requests.
    ///
    /// - Parameters:
    ///   - makeStore: Creates the store under test; ``InMemoryStore`` by default.
    ///   - makeDeduplication: Creates a consumer's deduplication store; `InMemoryDeduplication` by default.
    ///   - makeReceiver: Creates a consumer's receiver for each request, because secrets rotate. Its handlers must do
    ///     their work in ``SimulatedConsumer/handle(_:)`` before the response. By default,
    ///     ``SimulatedConsumer/receiver()``.
    public init(
        makeStore: @escaping MakeStore = { InMemoryStore(clock: $0) },
        makeDeduplication: @escaping MakeDeduplication = { InMemoryDeduplication() },
        makeReceiver: @escaping MakeReceiver = { $0.receiver() }
    ) {
        self.makeStore = makeStore
        self.makeDeduplication = makeDeduplication
        self.makeReceiver = makeReceiver
    }

    /// Runs one seed.
    ///
    /// - Parameters:
    ///   - seed: The seed of the run.
    ///   - shrink: The parts to leave out.
    ///   - keepsLog: Whether the report includes a log of the run.
    /// - Returns: The report of the run.
    /// - Throws: Any error of creating the store.
    public func run(seed: UInt64, shrink: Shrink = Shrink(), keepsLog: Bool = false) throws -> SimulationReport {
        let scheduler = SimulationScheduler(seed: seed, keepsLog: keepsLog)
        return try world(scheduler, SimulationPlan(&scheduler.chance, shrink)).run(seed: seed)
    }

    /// Creates a world for a new run.
    func world(_ scheduler: SimulationScheduler, _ plan: SimulationPlan) throws -> SimulatedWorld {
        try SimulatedWorld(
            scheduler, plan, makeStore: makeStore, makeDeduplication: makeDeduplication, makeReceiver: makeReceiver)
    }
}

/// The report of a run.
public struct SimulationReport: Sendable, CustomStringConvertible {
    /// The seed of the run.
    public let seed: UInt64
    /// The violations; a run passes when it has none.
    public let violations: [String]
    /// A hash of the run, which is the same for the same seed.
    public let hash: UInt64
    /// The number of jobs that ran.
    public let steps: Int
    /// The duration of the run in simulated time.
    public let duration: Duration
    /// The number of injected faults.
    public let faults: Int
    /// The number of sent requests.
    public let requests: Int
    /// The number of accepted deliveries.
    public let deliveries: Int
    /// Counts of situations that should occur at least once in a set of runs.
    public let sometimes: [String: Int]
    /// The log of the run, line by line; empty unless it was kept.
    public let log: [String]

    /// The seed, the first violations, and the end of the log.
    public var description: String {
        let lines = violations.prefix(10) + log.suffix(200)
        return "SIM seed=\(seed) steps=\(steps) violations=\(violations.count)\n" + lines.joined(separator: "\n")
    }
}
