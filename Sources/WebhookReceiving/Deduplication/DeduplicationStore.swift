public import WebhookEvents

/// A store that remembers which events were handled, so that duplicates are not handled again.
///
/// Each call is atomic, even across processes that share the store. An event is claimed before its handler runs and
/// committed afterwards, so after a crash in between, the sender's retry runs the handler again (at least once). If the
/// handler's work and the commit are in one database transaction, the effect is exactly once; a store that supports
/// this offers an additional `commit` that takes the transaction and ``WebhookContext/claim``.
public protocol DeduplicationStore: Sendable {
    /// Claims an event for handling.
    ///
    /// - Parameters:
    ///   - key: The event.
    ///   - now: The current time.
    ///   - leaseEnd: The end of the claim's lease; without a commit, the claim expires then.
    /// - Returns: Whether to handle the event.
    /// - Throws: Any error if the store fails or is full; the sender is then asked to retry.
    func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult

    /// Marks an event as handled; this is idempotent.
    ///
    /// A claim is committed even if its lease has ended, because the work was done.
    ///
    /// - Parameters:
    ///   - claim: The claim that ``claim(_:now:until:)`` returned.
    ///   - expiry: When the event may be forgotten.
    /// - Throws: Any error; the outcome is then unknown.
    func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws

    /// Releases a claim, so that the event can be handled when it arrives again.
    ///
    /// - Parameter claim: The claim that ``claim(_:now:until:)`` returned; an expired or committed claim is ignored.
    /// - Throws: Any error; the outcome is then unknown.
    func release(_ claim: DeduplicationClaim) async throws
}

/// The key that identifies an event: its identifier, which is signed and stable, its account, and one endpoint.
///
/// Two webhooks of one account receive the same event, and each of their endpoints must handle it.
public struct DeduplicationKey: Sendable, Hashable {
    /// The consumer's name for the endpoint.
    public let endpoint: String
    /// The account.
    public let accountID: AccountID
    /// The event.
    public let eventID: EventID

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - endpoint: The consumer's name for the endpoint.
    ///   - accountID: The account.
    ///   - eventID: The event.
    public init(endpoint: String = "", accountID: AccountID, eventID: EventID) {
        self.endpoint = endpoint
        self.accountID = accountID
        self.eventID = eventID
    }
}

/// The exclusive right to handle one event until a lease ends.
public struct DeduplicationClaim: Sendable, Hashable {
    /// The event.
    public let key: DeduplicationKey
    /// The token that distinguishes this claim from other claims of the event.
    public let token: Int64

    /// Creates a claim, for stores.
    ///
    /// - Parameters:
    ///   - key: The event.
    ///   - token: A number that no other claim of the event has.
    public init(key: DeduplicationKey, token: Int64) {
        self.key = key
        self.token = token
    }
}

/// An error thrown if a claim was lost before its commit in the handler's transaction.
///
/// The lease ended, and another process claimed or handled the event. Roll back the transaction, so that the work is
/// not done twice.
public struct ClaimLost: Error, Sendable, Hashable, CustomStringConvertible {
    /// The event.
    public let eventID: EventID

    /// Creates an error, for stores.
    ///
    /// - Parameter eventID: The event.
    public init(eventID: EventID) { self.eventID = eventID }

    /// What is wrong and what to do about it.
    public var description: String {
        "The claim of eventID \(eventID) was lost. Roll back. If this happens often, use faster handlers or a longer lease."
    }
}

/// The result of claiming an event.
public enum DeduplicationResult: Sendable, Hashable {
    /// The event is new. Handle it, then commit or release the claim.
    case claimed(DeduplicationClaim)
    /// The event is being handled.
    case inProgress
    /// The event was already handled.
    case duplicate
}
