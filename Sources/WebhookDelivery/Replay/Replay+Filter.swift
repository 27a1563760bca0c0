public import WebhookEvents

extension Replay {
    /// Selects the deliveries of a replay: they have ended, they match, and their event has not been delivered since.
    public struct Filter: Sendable, Hashable {
        /// The webhook.
        public var webhookID: WebhookID
        /// Selects deliveries that were created at this time or later.
        public var since: Timestamp
        /// Selects deliveries that were created before this time.
        public var until: Timestamp
        /// Selects deliveries with one of these final statuses; open deliveries never match.
        public var statuses: Set<Delivery.State.Status>
        /// Selects deliveries of matching events; of all events if the array is empty.
        public var events: [EventPattern]

        /// Selects deliveries whose last attempt had one of these errors.
        public var errors: Delivery.ErrorSelection?

        /// Creates a filter.
        ///
        /// - Parameters:
        ///   - webhookID: The webhook.
        ///   - since: Selects deliveries that were created at this time or later.
        ///   - until: Selects deliveries that were created before this time.
        ///   - statuses: Selects deliveries with one of these final statuses.
        ///   - events: Selects deliveries of matching events; of all events if the array is empty.
        ///   - errors: Selects deliveries whose last attempt had one of these errors.
        public init(
            webhookID: WebhookID, since: Timestamp, until: Timestamp,
            statuses: Set<Delivery.State.Status> = [.failed, .cancelled, .rejected], events: [EventPattern] = [],
            errors: Delivery.ErrorSelection? = nil
        ) {
            self.webhookID = webhookID
            self.since = since
            self.until = until
            self.statuses = statuses
            self.events = events
            self.errors = errors
        }

        /// Returns whether the filter selects a delivery, by the delivery's own properties.
        ///
        /// The store also skips a delivery if another one of its event to the webhook is open or has succeeded.
        ///
        /// - Parameter delivery: The delivery.
        /// - Returns: Whether it matches.
        public func matches(_ delivery: Delivery) -> Bool {
            delivery.webhookID == webhookID && delivery.trigger != .test && delivery.state.status.isFinal
                && statuses.contains(delivery.state.status) && since <= delivery.createdAt && delivery.createdAt < until
                && errors.map { $0.contains(delivery.state.lastError) } ?? true
                && (events.isEmpty || events.contains { $0.matches(delivery.eventType) })
        }
    }
}
