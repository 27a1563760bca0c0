public import WebhookEvents

/// Remembers which events were handled, so that an event that arrives again is not handled again.
///
/// Each call is atomic, also between processes that share the store. An event is claimed before its handler runs and
/// committed after, so a crash in between makes the sender's retry run the handler again: at least once, not at most.
/// Where the handler's own work and the commit are one transaction of one database, that is exactly once; a store that
/// can do so offers a `commit` of its own that takes the transaction, for ``WebhookContext/claim``.
public protocol DeduplicationStore: Sendable {
    /// Claims an event for handling.
    ///
    /// - Parameters:
    ///   - key: The event.
    ///   - now: The time now.
    ///   - leaseEnd: Until when the claim holds without a commit.
    /// - Returns: Whether to handle it.
    /// - Throws: Anything, when the store cannot say or has no room; the sender is then asked to come again.
    func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult

    /// Marks an event as handled. Repeating it changes nothing.
    ///
    /// What was done is done: a claim that was lost meanwhile, because its lease ended, is committed all the same.
    ///
    /// - Parameters:
    ///   - claim: What ``claim(_:now:until:)`` gave.
    ///   - expiry: Until when to remember it.
    /// - Throws: Anything; the outcome is then unknown.
    func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws

    /// Gives up a claim, so that the event can be handled when it comes again.
    ///
    /// - Parameter claim: What ``claim(_:now:until:)`` gave; one that was lost or committed meanwhile is left alone.
    /// - Throws: Anything; the outcome is then unknown.
    func release(_ claim: DeduplicationClaim) async throws
}

/// What an event is told apart by: its id, which is signed and stable, within its account and for one endpoint.
///
/// Two webhooks of one account get the same event, and each of their endpoints is to handle it.
public struct DeduplicationKey: Sendable, Hashable {
    /// The consumer's own name for its endpoint.
    public let endpoint: String
    /// The account.
    public let account: AccountID
    /// The event.
    public let event: EventID

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - endpoint: The consumer's own name for its endpoint.
    ///   - account: The account.
    ///   - event: The event.
    public init(endpoint: String = "", account: AccountID, event: EventID) {
        self.endpoint = endpoint
        self.account = account
        self.event = event
    }
}

/// The right to handle one event, for a while.
public struct DeduplicationClaim: Sendable, Hashable {
    /// The event.
    public let key: DeduplicationKey
    /// What the store tells this claim from earlier and later ones by.
    public let token: Int64

    /// Creates a claim, for stores.
    ///
    /// - Parameters:
    ///   - key: The event.
    ///   - token: A number that no other claim of the event has had.
    public init(key: DeduplicationKey, token: Int64) {
        self.key = key
        self.token = token
    }
}

/// A claim was lost before its commit inside the handler's transaction.
///
/// Its lease ended, and somebody else has begun or has handled the event. The transaction must be rolled back, so that the work is not done twice.
public struct AlreadyHandled: Error, Sendable, Hashable, CustomStringConvertible {
    /// The event.
    public let event: EventID

    /// Creates an error, for stores.
    ///
    /// - Parameter event: The event.
    public init(event: EventID) { self.event = event }

    /// What is wrong and what to do about it.
    public var description: String {
        "The claim of event \(event) was lost. Roll back; if it happens often, handle faster or claim for longer."
    }
}

/// What claiming an event came to.
public enum DeduplicationResult: Sendable, Hashable {
    /// It is new: handle it, then commit or release.
    case claimed(DeduplicationClaim)
    /// It is being handled now.
    case inProgress
    /// It was handled before.
    case duplicate
}
