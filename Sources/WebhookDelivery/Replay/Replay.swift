public import WebhookEvents

/// The replay of many deliveries, a few at a time; its progress is stored, so it survives restarts.
public struct Replay: Sendable, Hashable {
    /// The state of a replay.
    public enum State: String, Sendable, Hashable {
        /// The claims of any worker advance the replay.
        case running
        /// All matching deliveries were sent again.
        case finished
        /// The replay was cancelled; the deliveries that it has created are still sent.
        case cancelled
    }

    /// The replay's identifier.
    public let id: ReplayID
    /// The account that owns the replay.
    public let accountID: AccountID
    /// The deliveries to send again.
    public let filter: Replay.Filter
    /// How many deliveries are created per second.
    public let perSecond: Int
    /// How many deliveries matched at the start.
    public let total: Int
    /// The current state.
    public private(set) var state: State
    /// How many deliveries the replay has created.
    public private(set) var made: Int
    /// The last delivery that was scanned; the scan is in the order of identifiers, which start with the creation time.
    public private(set) var cursor: DeliveryID?
    /// When the replay continues.
    public private(set) var nextAt: Timestamp

    /// Creates a replay, or restores one from a store.
    ///
    /// - Parameters:
    ///   - id: The replay's identifier.
    ///   - accountID: The account that owns the replay.
    ///   - filter: The deliveries to send again.
    ///   - perSecond: How many deliveries are created per second; at least 1.
    ///   - total: How many deliveries matched at the start.
    ///   - state: The current state.
    ///   - made: How many deliveries the replay has created.
    ///   - cursor: The last delivery that was scanned; `nil` at the start.
    ///   - nextAt: When the replay continues.
    public init(
        id: ReplayID, accountID: AccountID, filter: Replay.Filter, perSecond: Int, total: Int,
        state: State = .running, made: Int = 0, cursor: DeliveryID? = nil, nextAt: Timestamp
    ) {
        self.id = id
        self.accountID = accountID
        self.filter = filter
        self.perSecond = max(1, perSecond)
        self.total = max(0, total)
        self.state = state
        self.made = max(0, made)
        self.cursor = cursor
        self.nextAt = nextAt
    }

    /// How many deliveries the replay creates at most in one claim, which must stay short.
    public static let batchSize = 32

    /// The replay pauses at this number of open deliveries, so that it does not lengthen a slow endpoint's queue.
    public static let maximumOpen = 500

    /// Returns how many deliveries the replay may create now.
    ///
    /// - Parameter now: The store's time.
    /// - Returns: The number; 0 if the replay is not due.
    public func allowance(now: Timestamp) -> Int {
        state == .running && nextAt <= now ? min(perSecond, Self.batchSize) : 0
    }

    /// How many ended replays an account keeps, counting one that is being started: those that were started last.
    public static let kept = 100

    /// How many replays one claim advances; thousands of replays must not make a claim long.
    package static let stepsPerClaim = 1

    /// How long an unreadable replay waits until another worker, which may be able to read it, tries again.
    package static let unreadablePause = Duration.seconds(60)

    /// How many deliveries one claim scans for a replay; even if few of them match, a claim must be short.
    package static let pageSize = 250

    /// Records the deliveries that were created, in the commit that stores them.
    ///
    /// - Parameters:
    ///   - count: How many deliveries were created.
    ///   - cursor: The last delivery that was scanned.
    ///   - isEnd: Whether all deliveries were scanned.
    ///   - now: The store's time.
    public mutating func advance(made count: Int, cursor: DeliveryID?, isEnd: Bool, now: Timestamp) {
        made = made.addingReportingOverflow(count).overflow ? .max : made + count
        self.cursor = cursor
        nextAt = now + .seconds(1) * count / perSecond
        if isEnd { state = .finished }
    }

    /// Pauses the replay for a second if its webhook has enough open deliveries.
    ///
    /// - Parameters:
    ///   - open: How many deliveries of the webhook are open.
    ///   - now: The store's time.
    /// - Returns: Whether the replay pauses.
    public mutating func pauseIfFull(open: Int, now: Timestamp) -> Bool {
        guard open >= Self.maximumOpen else { return false }
        nextAt = now + .seconds(1)
        return true
    }

    /// Records a page of scanned deliveries, in the commit that stores the redeliveries.
    ///
    /// - Parameters:
    ///   - missing: The deliveries of the page to send again, in the order of their identifiers.
    ///   - cursor: The last delivery that was scanned.
    ///   - isLast: Whether this is the last page.
    ///   - now: The store's time.
    /// - Returns: The deliveries to send again now, oldest first, and as many as the rate allows.
    public mutating func recordPage(
        _ missing: [Delivery], upTo cursor: DeliveryID?, isLast: Bool, now: Timestamp
    ) -> [Delivery] {
        // Identifiers from the same millisecond have no order. So deliveries of one millisecond are split neither at
        // the end of a page, unless they fill more than a page, nor by the rate if they have an ordering key.
        var (missing, cursor) = (missing, cursor)
        if !isLast, let last = cursor?.millisecond, self.cursor.map({ $0 < last }) ?? true {
            missing.removeAll { $0.id.millisecond == last }
            cursor = last
        }
        let allowed = missing.prefix(allowance(now: now))
        let last = allowed.last.flatMap { $0.orderingKey == nil ? nil : $0.id.millisecond }
        let rest = missing.dropFirst(allowed.count).prefix { last != nil && $0.id.millisecond == last }
        let batch = Array(allowed + rest)
        let isWhole = batch.count == missing.count
        advance(
            made: batch.count, cursor: isWhole ? cursor : batch.last?.id ?? self.cursor, isEnd: isWhole && isLast,
            now: now)
        return batch.sorted { $0.sequence < $1.sequence }
    }

    /// Cancels the replay if it is running.
    public mutating func cancel() { if state == .running { state = .cancelled } }

    /// Returns the identifier of a delivery's redelivery; repeated calls return the same identifier.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - now: The store's time.
    /// - Returns: The identifier.
    public func redeliveryID(of delivery: DeliveryID, now: Timestamp) -> DeliveryID {
        // Both identifiers in both orders: 128 bits, of which 80 are used.
        let halves = [id.rawValue + delivery.rawValue, delivery.rawValue + id.rawValue].map { UInt128(FNV1a($0).value) }
        return DeliveryID(prefix: "del_", now: now, entropy: halves[0] << 64 | halves[1])
    }
}
