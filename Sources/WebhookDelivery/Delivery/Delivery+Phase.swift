extension Delivery {
    /// The state of a delivery in user-facing terms: its status, and what it waits for.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// The delivery waits for its turn.
        case pending
        /// A worker has leased the delivery.
        case delivering
        /// An attempt failed, and the delivery waits for the next one.
        case retrying
        /// The webhook's daily quota is exhausted, and the delivery waits for the next day.
        case rateLimited = "rate_limited"
        /// The endpoint accepted the event.
        case delivered
        /// All attempts failed, or the endpoint is gone.
        case failed
        /// The webhook was deleted, or its owner discarded the delivery.
        case cancelled
        /// Too many leases of the delivery expired.
        case rejected

        /// The phases of deliveries that have not ended.
        public static let open: Set<Delivery.Phase> = [.pending, .delivering, .retrying, .rateLimited]
    }
}

extension Delivery.State {
    /// The state in user-facing terms.
    public var phase: Delivery.Phase {
        switch (status, reason) {
        case (.pending, .retry): .retrying
        case (.pending, .dailyLimit): .rateLimited
        case (.pending, _): .pending
        case (.leased, _): .delivering
        case (.succeeded, _): .delivered
        case (.failed, _): .failed
        case (.cancelled, _): .cancelled
        case (.rejected, _): .rejected
        }
    }
}
