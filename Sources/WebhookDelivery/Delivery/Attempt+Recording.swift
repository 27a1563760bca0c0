extension Attempt {
    /// What is kept of the exchanges of attempts: see ``Attempt/Exchange``.
    public struct Recording: Sendable, Hashable {
        /// How much of an exchange is kept.
        public enum Detail: Int, Sendable, Hashable, Comparable, CaseIterable {
            /// Nothing but the attempt itself: its times, status and failure.
            case nothing
            /// Everything except the response's body.
            case headers
            /// Everything, with up to ``WebhookResponse/maximumBodyLength`` bytes of the response's body.
            case body

            /// Returns whether one detail keeps less than another.
            public static func < (lhs: Detail, rhs: Detail) -> Bool { lhs.rawValue < rhs.rawValue }
        }

        /// How much is kept of failed attempts and of tests; by default everything.
        public var failures = Detail.body
        /// How much is kept of successful attempts; by default everything except the response's body.
        public var successes = Detail.headers
        /// How long ``WebhookService/prune(olderThan:)`` keeps responses' bodies; 3 days by default.
        ///
        /// They may hold data of the endpoint's owner, so they are kept for a shorter time than the attempts.
        public var bodyLifetime = Duration.seconds(3 * 86_400)

        /// Creates a recording with default values.
        public init() {}
    }
}
