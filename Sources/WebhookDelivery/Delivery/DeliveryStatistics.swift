public import WebhookEvents

/// A span of time in equal steps, for statistics.
public struct StatisticsWindow: Sendable, Hashable {
    /// The most steps a window may have.
    public static let maximumSteps = 1000

    /// When it begins: a whole number of steps after 1970.
    public let since: Timestamp
    /// When it ends.
    public let until: Timestamp
    /// The length of a step.
    public let step: Duration

    /// Creates a window that ends at a moment.
    ///
    /// - Parameters:
    ///   - until: When it ends.
    ///   - span: How long it is; it begins at the step in which this long ago lies.
    ///   - step: The length of a step, a second or more.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/invalidWindow``.
    public init(
        endingAt until: Timestamp, span: Duration = .seconds(86_400), step: Duration = .seconds(3600)
    ) throws(DeliveryError) {
        guard step >= .seconds(1), span >= step, span / step <= Double(Self.maximumSteps) else {
            throw DeliveryError(
                .invalidWindow, "The window has no steps, or more than \(Self.maximumSteps), or they are too short",
                hint: "Ask for a span of at least one step, and for steps of a second or more.")
        }
        let length = step.wholeMicroseconds
        let first = (until - span).microseconds
        let into = first % length
        self.since = Timestamp(microseconds: first) - .microseconds(into < 0 ? into + length : into)
        self.until = until
        self.step = step
    }

    /// When each step begins.
    public var starts: [Timestamp] {
        Array(sequence(first: since) { $0 + step }.prefix { $0 < until })
    }

    /// The step that a moment lies in.
    func index(of moment: Timestamp) -> Int? {
        guard since <= moment, moment < until else { return nil }
        return Int(truncatingIfNeeded: (moment - since).wholeMicroseconds / step.wholeMicroseconds)
    }
}

/// How a webhook has been doing in a span of time: attempts and their causes of failure, deliveries, latencies, step by step.
///
/// Tests of the endpoint are left out. A delivery counts where its last attempt started.
public struct DeliveryStatistics: Sendable, Hashable {
    /// What attempts came to, in a step or in all.
    public struct Totals: Sendable, Hashable {
        /// The attempts that started.
        public internal(set) var attempts = 0
        /// The deliveries that ended with one of them: accepted, or with no attempt left.
        public internal(set) var finishedDeliveries = 0
        /// Those among them that were accepted.
        public internal(set) var succeededDeliveries = 0
        /// What went wrong, by the name that `AttemptOutcome.errorType` gives it, and how often.
        public internal(set) var causes: [String: Int] = [:]
        /// How long endpoints took to answer, whatever they answered.
        public internal(set) var latency = LatencyHistogram()

        /// Succeeded deliveries as a share of finished ones; `nil` when none has finished.
        public var successRate: Double? {
            finishedDeliveries == 0 ? nil : Double(succeededDeliveries) / Double(finishedDeliveries)
        }
    }

    /// The span of time.
    public let window: StatisticsWindow
    /// All of it.
    public private(set) var total = Totals()
    /// Step by step, as ``StatisticsWindow/starts`` says when.
    public private(set) var steps: [Totals]

    /// Creates statistics of nothing, for a store to add to.
    ///
    /// - Parameter window: The span of time.
    public init(over window: StatisticsWindow) {
        self.window = window
        self.steps = Array(repeating: Totals(), count: window.starts.count)
    }

    /// Counts an attempt; one that started outside the window is ignored.
    ///
    /// - Parameters:
    ///   - attempt: The attempt.
    ///   - ended: How its delivery ended, if it was the last one.
    public mutating func add(_ attempt: Attempt, ended: DeliveryState.Status?) {
        guard let index = window.index(of: attempt.startedAt), steps.indices.contains(index) else { return }
        total.add(attempt, ended)
        steps[index].add(attempt, ended)
    }
}

extension DeliveryStatistics.Totals {
    fileprivate mutating func add(_ attempt: Attempt, _ ended: DeliveryState.Status?) {
        attempts += 1
        if let errorType = attempt.errorType { causes[errorType, default: 0] += 1 }
        if attempt.statusCode != nil { latency.add(attempt.duration) }
        switch ended {
        case .succeeded:
            finishedDeliveries += 1
            succeededDeliveries += 1
        case .failed: finishedDeliveries += 1
        default: break
        }
    }
}
