public import WebhookEvents

/// One event on its way to one webhook.
public struct Delivery: Sendable, Hashable {
    /// Names the delivery; the same on every attempt.
    public let id: DeliveryID
    /// The event.
    public let event: EventID
    /// The event's type.
    public let eventType: EventType
    /// The webhook.
    public let webhook: WebhookID
    /// The account that both belong to.
    public let account: AccountID
    /// When the event was published.
    public let createdAt: Timestamp
    /// Where it stands.
    public var state: DeliveryState

    /// Creates a delivery.
    ///
    /// - Parameters:
    ///   - id: Names the delivery.
    ///   - event: The event.
    ///   - eventType: The event's type.
    ///   - webhook: The webhook.
    ///   - account: The account that both belong to.
    ///   - createdAt: When the event was published.
    ///   - state: Where it stands.
    public init(
        id: DeliveryID, event: EventID, eventType: EventType, webhook: WebhookID, account: AccountID,
        createdAt: Timestamp, state: DeliveryState
    ) {
        self.id = id
        self.event = event
        self.eventType = eventType
        self.webhook = webhook
        self.account = account
        self.createdAt = createdAt
        self.state = state
    }
}

/// One request to an endpoint, as it is remembered.
public struct Attempt: Sendable, Hashable {
    /// Counts the delivery's attempts from 1.
    public let number: Int
    /// When the request began.
    public let startedAt: Timestamp
    /// How long it took.
    public let duration: Duration
    /// The HTTP status, if there was a response.
    public let statusCode: Int?
    /// What went wrong, by the name that ``AttemptOutcome/errorType`` gives it; `nil` for a success.
    public let errorType: String?

    /// Creates a record.
    ///
    /// - Parameters:
    ///   - number: Counts the delivery's attempts from 1.
    ///   - startedAt: When the request began.
    ///   - duration: How long it took.
    ///   - statusCode: The HTTP status, if there was a response.
    ///   - errorType: What went wrong.
    public init(number: Int, startedAt: Timestamp, duration: Duration, statusCode: Int?, errorType: String?) {
        self.number = number
        self.startedAt = startedAt
        self.duration = duration
        self.statusCode = statusCode
        self.errorType = errorType
    }
}

/// A delivery with its attempts.
public struct DeliveryHistory: Sendable, Hashable {
    /// The delivery.
    public let delivery: Delivery
    /// Its attempts, in order.
    public let attempts: [Attempt]

    /// Creates a history.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - attempts: Its attempts, in order.
    public init(delivery: Delivery, attempts: [Attempt]) {
        self.delivery = delivery
        self.attempts = attempts
    }
}

/// How many deliveries there are, by where they stand: nothing is lost as long as the sum is right.
public struct Ledger: Sendable, Hashable {
    /// All deliveries that were ever made.
    public var accepted = 0
    /// Those that wait or are under way.
    public var open = 0
    /// Those that arrived.
    public var succeeded = 0
    /// Those whose attempts are used up.
    public var failed = 0
    /// Those whose webhook was deleted.
    public var cancelled = 0
    /// Those that brought workers down.
    public var rejected = 0

    /// Creates an empty ledger.
    public init() {}

    /// Whether every accepted delivery is in exactly one place.
    public var isBalanced: Bool { accepted == open + succeeded + failed + cancelled + rejected }

    /// Counts deliveries of one status.
    ///
    /// - Parameters:
    ///   - count: How many there are.
    ///   - status: Where they stand.
    public mutating func add(_ count: Int, _ status: DeliveryState.Status) {
        switch status {
        case .pending, .leased: open += count
        case .succeeded: succeeded += count
        case .failed: failed += count
        case .cancelled: cancelled += count
        case .rejected: rejected += count
        }
    }
}
