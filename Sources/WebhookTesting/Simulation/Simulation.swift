public import WebhookDelivery
public import WebhookEvents

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

    private let makeStore: MakeStore

    /// Simulates the engine on a store.
    ///
    /// - Parameter makeStore: Makes the store under test; ``InMemoryStore`` without it.
    public init(makeStore: @escaping MakeStore = { InMemoryStore(clock: $0) }) {
        self.makeStore = makeStore
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
        let world = try SimulatedWorld(seed: seed, shrink: shrink, keepsLog: keepsLog, makeStore: makeStore)
        return world.run(seed: seed)
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
