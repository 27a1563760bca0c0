public import WebhookEvents

extension Delivery {
    /// A query for deliveries of an account.
    public struct Query: Sendable, Hashable {
        /// The account that owns the deliveries.
        public var accountID: AccountID
        /// Selects deliveries to this webhook.
        public var webhookID: WebhookID?
        /// Selects deliveries of this event.
        public var eventID: EventID?
        /// Selects deliveries of events of this type.
        public var type: EventType?
        /// Selects deliveries in one of these phases; any phase if the set is empty.
        public var phases: Set<Delivery.Phase>
        /// Selects deliveries whose last attempt had one of these errors.
        public var errors: ErrorSelection?
        /// Selects deliveries that were created for one of these reasons; for any reason if the set is empty.
        public var triggers: Set<Delivery.Trigger> = []
        /// Selects deliveries of events with this ordering key, whether or not their webhook is ordered.
        public var resource: String?
        /// Selects deliveries of ordered webhooks with this ordering key.
        public var orderingKey: String?
        /// Selects deliveries with a lower ``Delivery/sequence``; with an ordering key, those are sent earlier.
        public var sequenceBelow: Int64?
        /// Selects deliveries that were created at this time or later.
        public var since: Timestamp?
        /// Selects deliveries that were created before this time.
        public var until: Timestamp?
        /// Selects deliveries older than this one; to get the next page, pass the last delivery of a page.
        public var before: DeliveryID?
        /// The maximum number of deliveries to return.
        public var limit: Int

        /// Creates a query.
        ///
        /// - Parameters:
        ///   - accountID: The account that owns the deliveries.
        ///   - webhookID: Selects deliveries to this webhook.
        ///   - eventID: Selects deliveries of this event.
        ///   - phases: Selects deliveries in one of these phases; any phase if the set is empty.
        ///   - before: Selects deliveries older than this one.
        ///   - limit: The maximum number of deliveries to return.
        public init(
            accountID: AccountID, webhookID: WebhookID? = nil, eventID: EventID? = nil,
            phases: Set<Delivery.Phase> = [],
            before: DeliveryID? = nil, limit: Int = 25
        ) {
            self.accountID = accountID
            self.webhookID = webhookID
            self.eventID = eventID
            self.phases = phases
            self.before = before
            self.limit = limit
        }

        /// Returns whether a delivery matches the query, apart from its limit.
        ///
        /// - Parameter delivery: The delivery.
        /// - Returns: Whether it matches; the store applies the limit.
        public func matches(_ delivery: Delivery) -> Bool {
            delivery.accountID == accountID
                && webhookID.map { delivery.webhookID == $0 } ?? true
                && eventID.map { delivery.eventID == $0 } ?? true
                && type.map { delivery.eventType == $0 } ?? true
                && (phases.isEmpty || phases.contains(delivery.state.phase))
                && errors.map { $0.contains(delivery.state.lastError) } ?? true
                && (triggers.isEmpty || triggers.contains(delivery.trigger))
                && resource.map { delivery.resource == $0 } ?? true
                && orderingKey.map { delivery.orderingKey == $0 } ?? true
                && sequenceBelow.map { delivery.sequence < $0 } ?? true
                && since.map { delivery.createdAt >= $0 } ?? true
                && until.map { delivery.createdAt < $0 } ?? true
                && before.map { delivery.id < $0 } ?? true
        }
    }
}
