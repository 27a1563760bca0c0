public import WebhookEvents

/// Remembers which events were handled, so that an event that arrives again is not handled again.
///
/// Each call is atomic, also between processes that share the store. An event is claimed before its handler runs and
/// committed after, so a crash in between makes the sender's retry run the handler again: at least once, not at most.
public protocol DeduplicationStore: Sendable {
    /// Claims an event for handling.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - now: The time now.
    /// - Returns: Whether to handle it.
    /// - Throws: Anything, when the store cannot say; the sender is then asked to come again.
    func claim(_ event: DeduplicationKey, now: Timestamp) async throws -> DeduplicationClaim

    /// Marks a claimed event as handled.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - now: The time now.
    /// - Throws: Anything; the outcome is then unknown.
    func commit(_ event: DeduplicationKey, now: Timestamp) async throws

    /// Gives up a claim, so that the event can be handled when it comes again.
    ///
    /// - Parameter event: The event.
    /// - Throws: Anything; the outcome is then unknown.
    func release(_ event: DeduplicationKey) async throws
}

/// What an event is told apart by: its id, which is signed and stable, within its account.
public struct DeduplicationKey: Sendable, Hashable {
    /// The account.
    public let account: AccountID
    /// The event.
    public let event: EventID

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - event: The event.
    public init(account: AccountID, event: EventID) {
        self.account = account
        self.event = event
    }
}

/// What claiming an event came to.
public enum DeduplicationClaim: Sendable, Hashable {
    /// It is new: handle it, then commit or release.
    case claimed
    /// It is being handled now.
    case inProgress
    /// It was handled before.
    case duplicate
}
