public import WebhookEvents

/// Names one recovery, for example `job_…`.
public struct RecoveryID: WebhookIdentifier {
    /// The identifier as text, already checked.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// Which deliveries a recovery sends again: those that are over, match, and whose event has not arrived since.
public struct RecoveryFilter: Sendable, Hashable {
    /// The webhook.
    public var webhook: WebhookID
    /// Only those that were made at this moment or later.
    public var since: Timestamp
    /// Only those that were made before this moment.
    public var until: Timestamp
    /// Only those that ended here; those that are not over are never sent twice.
    public var statuses: Set<DeliveryState.Status>
    /// Only those of matching events; all when there is none.
    public var events: [EventPattern]

    /// Creates a filter.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - since: Only those that were made at this moment or later.
    ///   - until: Only those that were made before this moment.
    ///   - statuses: Only those that ended here.
    ///   - events: Only those of matching events; all when there is none.
    public init(
        webhook: WebhookID, since: Timestamp, until: Timestamp,
        statuses: Set<DeliveryState.Status> = [.failed, .cancelled, .rejected], events: [EventPattern] = []
    ) {
        self.webhook = webhook
        self.since = since
        self.until = until
        self.statuses = statuses
        self.events = events
    }

    /// Whether a delivery is sent again, as far as it goes itself.
    ///
    /// The store looks besides whether another delivery of its event to the webhook is open or has succeeded: then it is not.
    ///
    /// - Parameter delivery: The delivery.
    /// - Returns: Whether it matches.
    public func matches(_ delivery: Delivery) -> Bool {
        delivery.webhook == webhook && delivery.trigger != .test && delivery.state.status.isFinal
            && statuses.contains(delivery.state.status) && since <= delivery.createdAt && delivery.createdAt < until
            && (events.isEmpty || events.contains { $0.matches(delivery.eventType) })
    }
}

/// A recovery: it sends many deliveries again, a few at a time, and survives restarts because its progress is in the store.
public struct Recovery: Sendable, Hashable {
    /// Where it stands.
    public enum State: String, Sendable, Hashable {
        /// Any worker's claim moves it on.
        case running
        /// Everything that matched was sent again.
        case finished
        /// Somebody ended it; what it has made is sent nevertheless.
        case cancelled
    }

    /// Names it.
    public let id: RecoveryID
    /// The account that it belongs to.
    public let account: AccountID
    /// What it sends again.
    public let filter: RecoveryFilter
    /// How many deliveries it makes a second.
    public let perSecond: Int
    /// How many matched when it began.
    public let total: Int
    /// Where it stands.
    public private(set) var state: State
    /// How many deliveries it has made.
    public private(set) var made: Int
    /// The last delivery that it has looked at; it goes through them by name, which begins with their time.
    public private(set) var cursor: DeliveryID?
    /// When it goes on.
    public private(set) var nextAt: Timestamp

    /// Creates a recovery, or puts one together from what a store has kept.
    ///
    /// - Parameters:
    ///   - id: Names it.
    ///   - account: The account that it belongs to.
    ///   - filter: What it sends again.
    ///   - perSecond: How many deliveries it makes a second; at least 1.
    ///   - total: How many matched when it began.
    ///   - state: Where it stands.
    ///   - made: How many deliveries it has made.
    ///   - cursor: The last delivery that it has looked at; `nil` at the beginning.
    ///   - nextAt: When it goes on.
    public init(
        id: RecoveryID, account: AccountID, filter: RecoveryFilter, perSecond: Int, total: Int,
        state: State = .running, made: Int = 0, cursor: DeliveryID? = nil, nextAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.filter = filter
        self.perSecond = max(1, perSecond)
        self.total = max(0, total)
        self.state = state
        self.made = max(0, made)
        self.cursor = cursor
        self.nextAt = nextAt
    }

    /// The most deliveries that it makes at once: a claim, which makes them, must stay short.
    public static let batchSize = 32

    /// It waits while its webhook has this many open deliveries: an endpoint that cannot keep up gets no longer queue.
    public static let mostOpen = 500

    /// How many deliveries it may make now.
    ///
    /// - Parameter now: The store's time.
    /// - Returns: The number; 0 when it is not its time.
    public func allowance(at now: Timestamp) -> Int {
        state == .running && nextAt <= now ? min(perSecond, Self.batchSize) : 0
    }

    /// How many recoveries of an account are kept beside those that run, with the one that is started: those that were
    /// started last.
    package static let kept = 100

    /// How many recoveries one claim moves on: thousands of them must not make a claim long.
    package static let stepsPerClaim = 1

    /// When a recovery that cannot be read is looked at again, by a worker that perhaps can.
    package static let unreadablePause = Duration.seconds(60)

    /// The most deliveries that one claim looks at for a recovery: a claim must end soon, however few of them match.
    package static let pageSize = 250

    /// It has made deliveries, in the commit that keeps them.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - cursor: The last delivery that it has looked at.
    ///   - isEnd: Whether there is nothing left to look at.
    ///   - now: The store's time.
    public mutating func advance(made count: Int, cursor: DeliveryID?, isEnd: Bool, at now: Timestamp) {
        made = made.addingReportingOverflow(count).overflow ? .max : made + count
        self.cursor = cursor
        nextAt = now + .seconds(1) * count / perSecond
        if isEnd { state = .finished }
    }

    /// Lets it wait for a second while its webhook has enough to send.
    ///
    /// - Parameters:
    ///   - open: How many deliveries of its webhook are open.
    ///   - now: The store's time.
    /// - Returns: Whether it waits.
    package mutating func waits(open: Int, at now: Timestamp) -> Bool {
        guard open >= Self.mostOpen else { return false }
        nextAt = now + .seconds(1)
        return true
    }

    /// It has looked at some deliveries, in the commit that keeps those that it makes of them.
    ///
    /// - Parameters:
    ///   - missing: Those of them that it is to send again, in the order of their names.
    ///   - cursor: The last one that was looked at.
    ///   - isLast: Whether there are no more.
    ///   - now: The store's time.
    /// - Returns: Those that it sends again now, oldest first: as many as its rate allows.
    package mutating func look(
        at missing: [Delivery], upTo cursor: DeliveryID?, isLast: Bool, at now: Timestamp
    ) -> [Delivery] {
        // Names of one millisecond say nothing about their order, so what was made in one is divided neither where a page ends,
        // unless it is longer than a page, nor where there is an order to be kept.
        var (missing, cursor) = (missing, cursor)
        if !isLast, let last = cursor?.millisecond, self.cursor.map({ $0 < last }) ?? true {
            missing.removeAll { $0.id.millisecond == last }
            cursor = last
        }
        let allowed = missing.prefix(allowance(at: now))
        let last = allowed.last.flatMap { $0.orderingKey == nil ? nil : $0.id.millisecond }
        let rest = missing.dropFirst(allowed.count).prefix { last != nil && $0.id.millisecond == last }
        let batch = Array(allowed + rest)
        let isWhole = batch.count == missing.count
        advance(
            made: batch.count, cursor: isWhole ? cursor : batch.last?.id ?? self.cursor, isEnd: isWhole && isLast,
            at: now)
        return batch.sorted { $0.sequence < $1.sequence }
    }

    /// Somebody ends it.
    public mutating func cancel() { if state == .running { state = .cancelled } }

    /// Names the redelivery of a delivery: the same one however often it is asked for.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - now: The store's time.
    /// - Returns: The name.
    public func redeliveryID(of delivery: DeliveryID, at now: Timestamp) -> DeliveryID {
        // FNV-1a over both names, once forward and once with the parts changed over: 128 bits, of which 80 are used.
        func hash(_ text: String) -> UInt64 {
            text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
        let entropy =
            UInt128(hash(id.rawValue + delivery.rawValue)) << 64 | UInt128(hash(delivery.rawValue + id.rawValue))
        return DeliveryID(prefix: "del_", at: now, entropy: entropy)
    }
}

extension DeliveryID {
    /// Reads how far a recovery has looked, as a store keeps it.
    ///
    /// Not checked: a name that is damaged is a place in the history all the same, and a recovery must not begin again there.
    ///
    /// - Parameter position: The name, or nothing at the beginning.
    package init?(position: String) {
        guard !position.isEmpty else { return nil }
        self.init(unchecked: position)
    }
}

extension DeliveryID {
    /// The place before all names that were made in the same millisecond; `nil` for a name that holds no time.
    fileprivate var millisecond: DeliveryID? {
        let start = rawValue.utf8.prefix("del_".utf8.count + 10)
        guard rawValue.utf8.count > start.count, start.allSatisfy({ $0 < 0x80 }) else { return nil }
        return DeliveryID(unchecked: String(decoding: start, as: UTF8.self))
    }
}

extension DeliveryID? {
    /// How far a recovery has looked, as a store keeps it.
    package var position: String { self?.rawValue ?? "" }

    /// Whether a recovery has got further: a name that is damaged can stand elsewhere here than in the database.
    ///
    /// - Parameter start: Where it was.
    /// - Returns: Whether this is behind it.
    package func isBehind(_ start: DeliveryID?) -> Bool {
        guard let self else { return false }
        return start.map { $0 < self } ?? true
    }
}
