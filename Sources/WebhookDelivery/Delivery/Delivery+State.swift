public import WebhookEvents

extension Delivery {
    /// The state of one delivery.
    ///
    /// ```
    /// pending ─ claim ─▶ leased ─ settle ─▶ succeeded │ failed
    ///    ▲                  │ ─ retry, release, sender's fault ─▶ pending
    ///    │                  └ lease ends ─ claim ─▶ leased (next token)
    ///    └ defer            pending, leased ─ cancel ─▶ cancelled;  claim ─▶ rejected (after too many expired leases)
    /// ```
    /// The last four states are final. All stores change deliveries with ``Delivery/claim(now:webhook:rules:)`` and related
    /// methods; no store makes decisions itself.
    public struct State: Sendable, Hashable {
        /// The status of a delivery.
        public enum Status: String, Sendable, Hashable, CaseIterable {
            /// The delivery waits until it is due.
            case pending
            /// A worker has leased the delivery until the lease ends.
            case leased
            /// The endpoint accepted the event.
            case succeeded
            /// All attempts failed, or the endpoint is gone.
            case failed
            /// The webhook was deleted, or its owner discarded the delivery.
            case cancelled
            /// Too many leases of the delivery expired.
            case rejected

            /// Whether the status can no longer change.
            public var isFinal: Bool { self != .pending && self != .leased }
        }

        /// The reason for a status.
        public enum Reason: String, Sendable, Hashable {
            /// An attempt failed and is retried.
            case retry
            /// The webhook's daily quota is exhausted.
            case dailyLimit = "daily_limit"
            /// All attempts failed.
            case exhausted
            /// The endpoint answered 410.
            case gone
            /// The endpoint asked for no further attempts: see ``Webhook/allowsSteering``.
            case aborted
            /// The webhook was deleted.
            case webhookDeleted = "webhook_deleted"
            /// The delivery was waiting while its webhook was stopped, and was discarded when the webhook was enabled.
            case discarded
            /// Too many leases in a row expired: workers crashed or stopped responding.
            case tooManyExpiredLeases = "too_many_expired_leases"
            /// Leases of the delivery expired; it waits before it can be claimed again.
            case leaseExpired = "lease_expired"
            /// The sender lacked resources; the delivery waits briefly, and no attempt is used up.
            case senderFault = "sender_fault"
        }

        /// The status.
        public internal(set) var status: Status
        /// The reason for the status, if it needs one.
        public internal(set) var reason: Reason?
        /// The time of the next attempt while pending, of the lease's end while leased, and of the end when final.
        public internal(set) var dueAt: Timestamp
        /// The token of the latest claim; a worker with an older one has lost the delivery.
        public internal(set) var token: Lease.FencingToken
        /// How many attempts have ended and are stored.
        public internal(set) var attempts: Int
        /// How many leases in a row have expired.
        public internal(set) var expiredLeases: Int
        /// How many leases in a row were released because of faults of the sender.
        public internal(set) var senderFaults: Int
        /// Whether the delivery was charged to its webhook's daily quota.
        public internal(set) var isCharged: Bool
        /// When the first attempt was claimed.
        public internal(set) var firstAttemptAt: Timestamp?
        /// The error type of the last attempt, from ``Attempt/errorType``; `nil` before it, and after a success.
        public internal(set) var lastError: String?

        /// How many leases in a row may expire, so that one bad body does not crash workers forever.
        ///
        /// After the first expired lease, the delivery can be claimed immediately. From the second on, it waits four times
        /// as long each time, so that replies that are lost for some minutes reject nothing.
        public static let maximumExpiredLeases = 4

        /// How many faults of the sender in a row use up no attempt: faults for about a day.
        ///
        /// Each further fault counts as an attempt, so that no delivery is retried forever.
        public static let maximumSenderFaults = 1440
        /// The longest wait after a fault of the sender.
        static let maximumSenderFaultDelay = Duration.seconds(60)

        /// Creates the state of a delivery that is due immediately.
        ///
        /// - Parameter now: The store's time.
        public init(now: Timestamp) {
            self.init(
                status: .pending, reason: nil, dueAt: now, token: Lease.FencingToken(0), attempts: 0, expiredLeases: 0,
                senderFaults: 0, isCharged: false, firstAttemptAt: nil)
        }

        /// Restores a state from a store.
        ///
        /// - Parameters:
        ///   - status: The status.
        ///   - reason: The reason for the status.
        ///   - dueAt: The time of the next attempt, of the lease's end, or of the delivery's end.
        ///   - token: The token of the latest claim.
        ///   - attempts: How many attempts have ended.
        ///   - expiredLeases: How many leases in a row have expired.
        ///   - senderFaults: How many leases in a row were released because of faults of the sender.
        ///   - isCharged: Whether the delivery was charged to its webhook's daily quota.
        ///   - firstAttemptAt: When the first attempt was claimed.
        ///   - lastError: The error type of the last attempt.
        public init(
            status: Status, reason: Reason?, dueAt: Timestamp, token: Lease.FencingToken, attempts: Int,
            expiredLeases: Int,
            senderFaults: Int, isCharged: Bool, firstAttemptAt: Timestamp?, lastError: String? = nil
        ) {
            self.status = status
            self.reason = reason
            self.dueAt = dueAt
            self.token = token
            self.attempts = min(max(attempts, 0), Int(Int32.max))
            self.expiredLeases = min(max(expiredLeases, 0), Int(Int32.max))
            self.senderFaults = min(max(senderFaults, 0), Self.maximumSenderFaults)
            self.isCharged = isCharged
            self.firstAttemptAt = firstAttemptAt
            self.lastError = lastError
        }

        mutating func move(to status: Status, _ reason: Reason?, at dueAt: Timestamp) {
            (self.status, self.reason, self.dueAt) = (status, reason, dueAt)
        }
    }
}
