public import WebhookEvents

extension DeliveryStatistics {
    /// A time window for statistics, divided into equal steps.
    public struct Window: Sendable, Hashable {
        /// The maximum number of steps.
        public static let maximumSteps = 1000

        /// The start of the window, a whole number of steps after 1970.
        public let since: Timestamp
        /// The end of the window.
        public let until: Timestamp
        /// The length of a step.
        public let step: Duration

        /// Creates a window that ends at a given time.
        ///
        /// - Parameters:
        ///   - until: The end of the window.
        ///   - span: The length of the window; the start is rounded down to a whole step.
        ///   - step: The length of a step, at least one second.
        /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/invalidWindow``.
        public init(
            endingAt until: Timestamp, span: Duration = .seconds(86_400), step: Duration = .seconds(3600)
        ) throws(DeliveryError) {
            guard step >= .seconds(1), span >= step, span / step <= Double(Self.maximumSteps) else {
                throw DeliveryError(
                    .invalidWindow, "The window must have 1 to \(Self.maximumSteps) steps of at least one second",
                    hint: "Choose another span or step.")
            }
            let length = step.wholeMicroseconds
            let first = (until - span).microseconds
            let into = first % length
            self.since = Timestamp(microseconds: first) - .microseconds(into < 0 ? into + length : into)
            self.until = until
            self.step = step
        }

        /// The start of each step.
        public var starts: [Timestamp] {
            Array(sequence(first: since) { $0 + step }.prefix { $0 < until })
        }

        /// Returns the step that contains a time.
        func index(of moment: Timestamp) -> Int? {
            guard since <= moment, moment < until else { return nil }
            return Int(truncatingIfNeeded: (moment - since).wholeMicroseconds / step.wholeMicroseconds)
        }
    }
}

/// Statistics of a webhook in a time window: attempts, causes of failure, deliveries and latencies, for each step.
///
/// Tests of the endpoint do not count. A delivery counts in the step in which its last attempt started.
public struct DeliveryStatistics: Sendable, Hashable {
    /// The totals of one step or of the whole window.
    public struct Totals: Sendable, Hashable {
        /// How many attempts started.
        public internal(set) var attempts = 0
        /// How many deliveries ended with one of these attempts: accepted, or without any attempt left.
        public internal(set) var finishedDeliveries = 0
        /// How many of these deliveries were accepted.
        public internal(set) var succeededDeliveries = 0
        /// How often each failure occurred, by its name in `AttemptOutcome.errorType`.
        public internal(set) var causes: [String: Int] = [:]
        /// How long endpoints took to respond, whatever the status.
        public internal(set) var latency = DeliveryStatistics.LatencyHistogram()

        /// The share of finished deliveries that succeeded; `nil` if none has finished.
        public var successRate: Double? {
            finishedDeliveries == 0 ? nil : Double(succeededDeliveries) / Double(finishedDeliveries)
        }
    }

    /// The time window.
    public let window: DeliveryStatistics.Window
    /// The totals of the whole window.
    public private(set) var total = Totals()
    /// The totals of each step, in the order of ``DeliveryStatistics/Window/starts``.
    public private(set) var steps: [Totals]

    /// Creates empty statistics, for a store to add attempts to.
    ///
    /// - Parameter window: The time window.
    public init(over window: DeliveryStatistics.Window) {
        self.window = window
        self.steps = Array(repeating: Totals(), count: window.starts.count)
    }

    /// Adds an attempt; one that started outside the window is ignored.
    ///
    /// - Parameters:
    ///   - attempt: The attempt.
    ///   - ended: The final status of its delivery, if this was the last attempt.
    public mutating func add(_ attempt: Attempt, ended: Delivery.State.Status?) {
        guard let index = window.index(of: attempt.startedAt), steps.indices.contains(index) else { return }
        total.add(attempt, ended)
        steps[index].add(attempt, ended)
    }
}

extension DeliveryStatistics.Totals {
    fileprivate mutating func add(_ attempt: Attempt, _ ended: Delivery.State.Status?) {
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
