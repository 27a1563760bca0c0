public import WebhookEvents

/// Where an event stands among those of its resource.
public struct ResourcePosition: Sendable, Hashable {
    /// The account and the ordering key: what later events about the same thing share.
    public struct Resource: Sendable, Hashable {
        /// The account.
        public let account: AccountID
        /// The ordering key, for example a task's id.
        public let key: String

        /// Names a resource.
        ///
        /// - Parameters:
        ///   - account: The account.
        ///   - key: The ordering key.
        public init(account: AccountID, key: String) {
            self.account = account
            self.key = key
        }
    }

    /// The resource.
    public let resource: Resource
    /// The event's number in its resource, where the sender counts.
    public let sequence: Int?
    /// When it happened.
    public let timestamp: Timestamp

    /// Creates a position.
    ///
    /// - Parameters:
    ///   - resource: The resource.
    ///   - sequence: The event's number in its resource.
    ///   - timestamp: When it happened.
    public init(resource: Resource, sequence: Int?, timestamp: Timestamp) {
        self.resource = resource
        self.sequence = sequence
        self.timestamp = timestamp
    }

    /// Whether this event happened before another of the same resource.
    ///
    /// Sequences decide where both have one; payload times are whole seconds, so of two events within a second neither is
    /// before the other.
    ///
    /// - Parameter other: The other event.
    /// - Returns: Whether it did.
    public func isBefore(_ other: ResourcePosition) -> Bool {
        if let sequence, let otherSequence = other.sequence { return sequence < otherSequence }
        return timestamp < other.timestamp
    }
}

/// Keeps handlers that mirror a resource from going back in time.
///
/// Deliveries are not ordered: an update may arrive before the one that it follows, or after the deletion. Handlers that
/// are registered with one of these see each resource only in the order of its events, one event at a time, and never
/// see an event that is older than one they have handled; a deletion leaves a tombstone.
public protocol ResourceOrder: Sendable {
    /// Asks to handle an event.
    ///
    /// - Parameters:
    ///   - position: Where the event stands.
    ///   - now: The time now.
    ///   - leaseEnd: Until when the resource is taken without an end.
    /// - Returns: Whether to handle it.
    /// - Throws: Anything; the sender is then asked to come again.
    func begin(_ position: ResourcePosition, now: Timestamp, until leaseEnd: Timestamp) async throws -> ResourceTurn

    /// Ends what ``begin(_:now:until:)`` allowed.
    ///
    /// - Parameters:
    ///   - claim: What ``begin(_:now:until:)`` gave. One that was lost meanwhile, because its lease ended, frees nothing.
    ///   - isHandled: Whether the event was handled; if not, it may come again.
    /// - Throws: Anything; the resource is then free when the lease ends.
    func end(_ claim: ResourceClaim, isHandled: Bool) async throws
}

/// The right to handle one event of a resource, for a while.
public struct ResourceClaim: Sendable, Hashable {
    /// Where the event stands.
    public let position: ResourcePosition
    /// What tells this claim from earlier and later ones of the resource.
    public let token: Int64

    /// Creates a claim, for implementations.
    ///
    /// - Parameters:
    ///   - position: Where the event stands.
    ///   - token: A number that no other claim of the resource has had.
    public init(position: ResourcePosition, token: Int64) {
        self.position = position
        self.token = token
    }
}

/// What asking to handle an event came to.
public enum ResourceTurn: Sendable, Hashable {
    /// Handle it, then say so.
    case yours(ResourceClaim)
    /// A later event of the resource was handled already: leave it out.
    case outdated
    /// Another event of the resource is being handled: come again.
    case busy
}
