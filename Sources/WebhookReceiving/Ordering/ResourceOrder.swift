public import WebhookEvents

/// The position of an event in the order of its resource.
public struct ResourcePosition: Sendable, Hashable {
    /// The account and the ordering key that all events of one resource share.
    public struct Resource: Sendable, Hashable {
        /// The account.
        public let accountID: AccountID
        /// The ordering key, for example a task's identifier.
        public let key: String

        /// Creates a resource.
        ///
        /// - Parameters:
        ///   - accountID: The account.
        ///   - key: The ordering key.
        public init(accountID: AccountID, key: String) {
            self.accountID = accountID
            self.key = key
        }
    }

    /// The resource.
    public let resource: Resource
    /// The event's sequence number in its resource; `nil` if the sender does not number events.
    public let sequence: Int?
    /// When the event happened.
    public let timestamp: Timestamp

    /// Creates a position.
    ///
    /// - Parameters:
    ///   - resource: The resource.
    ///   - sequence: The event's sequence number in its resource; `nil` if the sender does not number events.
    ///   - timestamp: When the event happened.
    public init(resource: Resource, sequence: Int?, timestamp: Timestamp) {
        self.resource = resource
        self.sequence = sequence
        self.timestamp = timestamp
    }

    /// Returns whether this event happened before another event of the same resource.
    ///
    /// Sequence numbers decide if both events have one. Otherwise timestamps decide; they are whole seconds, so of two
    /// events in the same second neither is before the other.
    ///
    /// - Parameter other: The other event.
    /// - Returns: Whether this event is the earlier one.
    public func isBefore(_ other: ResourcePosition) -> Bool {
        if let sequence, let otherSequence = other.sequence { return sequence < otherSequence }
        return timestamp < other.timestamp
    }
}

/// A guard that prevents handlers that mirror a resource from going back in time.
///
/// Deliveries are not ordered: an update may arrive before an earlier update, or after the deletion. Handlers that are
/// registered with a resource order receive the events of each resource one at a time, and never an event that is older
/// than one that was handled. A deletion leaves a tombstone.
public protocol ResourceOrder: Sendable {
    /// Requests the turn to handle an event.
    ///
    /// - Parameters:
    ///   - position: The event's position.
    ///   - now: The current time.
    ///   - leaseEnd: When the turn ends if ``end(_:isHandled:)`` is not called.
    /// - Returns: Whether to handle the event.
    /// - Throws: Any error; the sender is then asked to retry.
    func begin(_ position: ResourcePosition, now: Timestamp, until leaseEnd: Timestamp) async throws -> ResourceTurn

    /// Ends the turn that ``begin(_:now:until:)`` granted.
    ///
    /// - Parameters:
    ///   - claim: The claim that ``begin(_:now:until:)`` returned. An expired claim does not free the resource.
    ///   - isHandled: Whether the event was handled; if not, it may arrive again.
    /// - Throws: Any error; the resource is then free when the lease ends.
    func end(_ claim: ResourceClaim, isHandled: Bool) async throws
}

/// The exclusive right to handle one event of a resource until a lease ends.
public struct ResourceClaim: Sendable, Hashable {
    /// The event's position.
    public let position: ResourcePosition
    /// The token that distinguishes this claim from other claims of the resource.
    public let token: Int64

    /// Creates a claim, for implementations.
    ///
    /// - Parameters:
    ///   - position: The event's position.
    ///   - token: A number that no other claim of the resource has.
    public init(position: ResourcePosition, token: Int64) {
        self.position = position
        self.token = token
    }
}

/// The result of requesting the turn to handle an event.
public enum ResourceTurn: Sendable, Hashable {
    /// The turn is granted. Handle the event, then end the turn.
    case granted(ResourceClaim)
    /// A later event of the resource was already handled. Skip this one.
    case outdated
    /// Another event of the resource is being handled. Try again later.
    case busy
}
