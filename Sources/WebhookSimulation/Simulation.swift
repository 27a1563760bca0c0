public import WebhookDelivery
public import WebhookEvents
public import WebhookReceiver
public import WebhookTesting

/// Runs the engine on simulated machines, a simulated network and a simulated clock, where everything goes wrong that can.
///
/// A run is one seed: the same seed gives the same run, on every machine. Hosts crash, freeze and stop; calls of the store fail
/// before they had their effect, or after it with the reply lost; endpoints hang, refuse, throttle and drop; clocks are wrong;
/// people change webhooks meanwhile. Everything is watched from outside, and what must never happen is a violation. After a
/// while nothing goes wrong any more, and everything that was accepted must come to its end.
///
/// ```swift
/// let report = try Simulation().run(seed: 42)
/// #expect(report.violations.isEmpty, "\(report)")
/// ```
public struct Simulation: Sendable {
    /// Makes an empty store that takes its time from the clock.
    public typealias MakeStore = @Sendable (any WebhookClock) throws -> any WebhookStore

    /// What is left out of a run, to find what a failure needs.
    public struct Shrink: Sendable, Hashable {
        /// The sites that are quiet.
        public var quiet: Set<FaultSite> = []
        /// The most events.
        public var maximumEvents = Int.max
        /// The most changes that people make.
        public var maximumChanges = Int.max

        /// Leaves out nothing.
        public init() {}
    }

    /// Makes an empty memory of handled events, once for each endpoint.
    public typealias MakeDeduplication = @Sendable () throws -> any DeduplicationStore
    /// Makes the receiver that answers a request, in the consumer's process.
    public typealias MakeReceiver = @Sendable (SimulatedConsumer) -> WebhookReceiver

    private let makeStore: MakeStore
    private let makeDeduplication: MakeDeduplication
    private let makeReceiver: MakeReceiver

    /// Simulates the engine on a store, and consumers that handle what it sends.
    ///
    /// - Parameters:
    ///   - makeStore: Makes the store under test; ``InMemoryStore`` without it.
    ///   - makeDeduplication: Makes a consumer's memory of handled events; `InMemoryDeduplication` without it.
    ///   - makeReceiver: Makes a consumer's receiver, for each request, because secrets rotate; its handlers do their work through
    ///     ``SimulatedConsumer/handle(_:)`` before the answer. Without it, ``SimulatedConsumer/receiver()``.
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
    ///   - seed: What everything is drawn from.
    ///   - shrink: What is left out.
    ///   - keepsLog: Whether the report tells what happened, line by line.
    /// - Returns: What came of it.
    /// - Throws: What making the store throws.
    public func run(seed: UInt64, shrink: Shrink = Shrink(), keepsLog: Bool = false) throws -> SimulationReport {
        let scheduler = SimulationScheduler(seed: seed, keepsLog: keepsLog)
        return try world(scheduler, SimulationPlan(&scheduler.chance, shrink)).run(seed: seed)
    }

    /// A world in which nothing has happened yet.
    func world(_ scheduler: SimulationScheduler, _ plan: SimulationPlan) throws -> SimulatedWorld {
        try SimulatedWorld(
            scheduler, plan, makeStore: makeStore, makeDeduplication: makeDeduplication, makeReceiver: makeReceiver)
    }
}

/// What came of a run.
public struct SimulationReport: Sendable, CustomStringConvertible {
    /// What the run was drawn from.
    public let seed: UInt64
    /// What must never happen and did; a run is good when there is nothing.
    public let violations: [String]
    /// The run in one number: the same seed gives the same number.
    public let hash: UInt64
    /// How many jobs ran.
    public let steps: Int
    /// How long it took in simulated time.
    public let duration: Duration
    /// How many faults there were, and how many requests.
    public let faults: Int
    /// How many requests were sent.
    public let requests: Int
    /// How many deliveries were accepted.
    public let deliveries: Int
    /// How often things happened that a set of runs should see at least once.
    public let sometimes: [String: Int]
    /// What happened, line by line, when the run was asked to keep it.
    public let log: [String]

    /// The seed, the violations, and the end of what happened.
    public var description: String {
        let lines = violations.prefix(10) + log.suffix(200)
        return "SIM seed=\(seed) steps=\(steps) violations=\(violations.count)\n" + lines.joined(separator: "\n")
    }
}
