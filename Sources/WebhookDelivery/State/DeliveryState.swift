public import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries

/// Where one delivery stands: a state machine without clock, chance or storage.
///
/// ```
/// pending ─ claim ─▶ leased ─ settle ─▶ succeeded │ failed
///    ▲                  │ ─ retry, release ─▶ pending
///    │                  └ lease ends ─ claim ─▶ leased (next token)
///    └ defer            pending, leased ─ cancel ─▶ cancelled;  claim ─▶ rejected (after too many crashes)
/// ```
/// The last four states are final. Every store drives this machine; none decides anything itself.
public struct DeliveryState: Sendable, Hashable {
    /// The places a delivery can be in.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It waits until it is due.
        case pending
        /// A worker has it until its lease ends.
        case leased
        /// The endpoint accepted it.
        case succeeded
        /// Its attempts are used up, or the endpoint is gone.
        case failed
        /// Its webhook was deleted.
        case cancelled
        /// It brought workers down again and again.
        case rejected

        /// Whether nothing can happen any more.
        public var isFinal: Bool { self != .pending && self != .leased }
    }

    /// Why a delivery is where it is.
    public enum Reason: String, Sendable, Hashable {
        /// It failed and is tried again.
        case retry
        /// The webhook's day is used up.
        case dailyLimit = "daily_limit"
        /// All attempts failed.
        case exhausted
        /// The endpoint answered 410.
        case gone
        /// The webhook was deleted.
        case webhookDeleted = "webhook_deleted"
        /// Workers died while they had it.
        case poison
    }

    /// Where it is.
    public private(set) var status: Status
    /// Why it is there, where that needs saying.
    public private(set) var reason: Reason?
    /// When something is due: the next attempt while pending, the end of the lease while leased, the end when final.
    public private(set) var dueAt: Timestamp
    /// Rises with every claim; a worker whose token is not this one has lost the delivery.
    public private(set) var token: FencingToken
    /// How many attempts are finished and recorded.
    public private(set) var attempts: Int
    /// How many claims ended without a word from their worker.
    public private(set) var crashes: Int
    /// Whether it was charged to its webhook's day.
    public private(set) var isCharged: Bool
    /// When its first attempt was claimed.
    public private(set) var firstAttemptAt: Timestamp?

    /// How many silent claims a delivery survives: one bad body must not bring down workers for ever.
    public static let crashAllowance = 3

    /// Creates a delivery that is due at once.
    ///
    /// - Parameter now: The store's time.
    public init(at now: Timestamp) {
        self.init(
            status: .pending, reason: nil, dueAt: now, token: FencingToken(0), attempts: 0, crashes: 0,
            isCharged: false, firstAttemptAt: nil)
    }

    /// Creates a state from what a store has kept.
    ///
    /// - Parameters:
    ///   - status: Where it is.
    ///   - reason: Why it is there.
    ///   - dueAt: When something is due.
    ///   - token: The token of the latest claim.
    ///   - attempts: How many attempts are finished.
    ///   - crashes: How many claims ended without a word.
    ///   - isCharged: Whether it was charged to its webhook's day.
    ///   - firstAttemptAt: When its first attempt was claimed.
    public init(
        status: Status, reason: Reason?, dueAt: Timestamp, token: FencingToken, attempts: Int, crashes: Int,
        isCharged: Bool, firstAttemptAt: Timestamp?
    ) {
        self.status = status
        self.reason = reason
        self.dueAt = dueAt
        self.token = token
        self.attempts = attempts
        self.crashes = crashes
        self.isCharged = isCharged
        self.firstAttemptAt = firstAttemptAt
    }
}

extension DeliveryState {
    /// What a claim came to.
    public enum OnClaim: Sendable, Hashable {
        /// The worker has it now, under this token.
        case leased(FencingToken)
        /// It is not due, or somebody else has it, or it is final.
        case unavailable
        /// The webhook's day is used up; it waits for the next.
        case deferred
        /// It brought too many workers down and is out.
        case rejected
    }

    /// A worker asks for the delivery.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - lease: How long the worker may have it.
    ///   - webhook: Its webhook, whose day is charged for a first attempt.
    ///   - dailyLimit: The most deliveries a day.
    /// - Returns: Whether the worker has it.
    public mutating func claim(
        at now: Timestamp, lease: Duration, webhook: inout Webhook, dailyLimit: Int
    ) -> OnClaim {
        guard !status.isFinal, dueAt <= now else { return .unavailable }
        if status == .leased {
            crashes += 1
            if crashes > Self.crashAllowance {
                webhook.finishedDeliveries += 1
                finish(.rejected, .poison, at: now)
                return .rejected
            }
        }
        if !isCharged {
            if case .exhausted(until: let tomorrow) = webhook.quota.charge(at: now, limit: dailyLimit) {
                (status, reason, dueAt) = (.pending, .dailyLimit, tomorrow)
                return .deferred
            }
            isCharged = true
        }
        token = token.next
        (status, reason, dueAt) = (.leased, nil, now + lease)
        firstAttemptAt = firstAttemptAt ?? now
        webhook.lastTriggered = now
        return .leased(token)
    }

    /// What settling came to.
    public enum OnSettle: Sendable, Hashable {
        /// The attempt is recorded and the delivery moved on; the webhook may have stopped because of it.
        case settled(webhookStopped: Webhook.State?)
        /// Somebody else has the delivery: nothing was written.
        case fenced
    }

    /// A worker reports an attempt.
    ///
    /// - Parameters:
    ///   - settlement: The attempt and what follows it.
    ///   - webhook: Its webhook, whose health is kept.
    ///   - now: The store's time.
    /// - Returns: Whether the report counts.
    public mutating func settle(_ settlement: Settlement, webhook: inout Webhook, at now: Timestamp) -> OnSettle {
        guard status == .leased, token == settlement.lease.token else { return .fenced }
        attempts += 1
        crashes = 0
        switch settlement.decision {
        case .succeed:
            finish(.succeeded, nil, at: now)
            webhook.deliverySucceeded(at: now)
            return .settled(webhookStopped: nil)
        case .retry(let delay):
            (status, reason, dueAt) = (.pending, .retry, now + delay)
            return .settled(webhookStopped: nil)
        case .giveUp(let why):
            finish(.failed, why == .gone ? .gone : .exhausted, at: now)
            return .settled(webhookStopped: webhook.deliveryGaveUp(why, firstAttemptAt: firstAttemptAt ?? now))
        }
    }

    /// A worker gives the delivery back without having sent anything; nothing is charged.
    ///
    /// - Parameters:
    ///   - token: The token of the worker's claim.
    ///   - now: The store's time.
    /// - Returns: Whether the worker still had it.
    public mutating func release(token: FencingToken, at now: Timestamp) -> Bool {
        guard status == .leased, token == self.token else { return false }
        (status, reason, dueAt) = (.pending, attempts > 0 ? .retry : nil, now)
        return true
    }

    /// The webhook is gone: nothing more is sent.
    ///
    /// A final state stays as it is.
    ///
    /// - Parameter now: The store's time.
    public mutating func cancel(at now: Timestamp) {
        guard !status.isFinal else { return }
        finish(.cancelled, .webhookDeleted, at: now)
    }

    private mutating func finish(_ status: Status, _ reason: Reason?, at now: Timestamp) {
        (self.status, self.reason, self.dueAt) = (status, reason, now)
    }
}
