extension Webhook {
    /// The backlog policy: what happens to the backlog of a stopped webhook when it is enabled.
    public enum BacklogPolicy: Sendable, Hashable {
        /// The order in which the backlog is sent.
        public enum Order: String, Sendable, Hashable, CaseIterable {
            /// In order of creation.
            case oldestFirst = "oldest_first"
            /// The newest event first; deliveries with the same ordering key stay in order of creation.
            case newestFirst = "newest_first"
        }

        /// Sends the backlog immediately, starting with one request in flight and adding one for each success.
        case immediately
        /// Spreads the backlog evenly over time, at this rate and starting now; newly published events do not wait for it.
        case spread(perSecond: Int, Order)
        /// Discards the backlog: its deliveries get the status `cancelled` and the reason `discarded`.
        case discard
    }
}
