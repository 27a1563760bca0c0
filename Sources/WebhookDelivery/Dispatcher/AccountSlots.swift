internal import Synchronization
internal import WebhookEvents
internal import WebhookLimits

/// Limits concurrent work that runs in the callers' tasks, for one service, and shares the slots among accounts.
final class AccountSlots: Sendable {
    /// The slots for tests of endpoints, as a fraction of the dispatcher's slots: one sixteenth, in addition to them.
    static let testDivisor = 16
    /// How many scans of whole histories may run at the same time.
    static let scans = 16

    private let slots: Mutex<FairShare<AccountID>>

    init(capacity: Int) { slots = Mutex(FairShare(capacity: capacity)) }

    /// Runs an operation in a slot.
    ///
    /// - Parameters:
    ///   - account: The account that the operation is for.
    ///   - refusal: The error to throw if the account has used its share or no slot is free.
    ///   - body: The operation.
    /// - Returns: The operation's result.
    /// - Throws: The refusal, or the operation's error.
    func run<Value>(
        for account: AccountID, orThrow refusal: @autoclosure () -> LimitError, _ body: () async throws -> Value
    ) async throws -> Value {
        guard slots.withLock({ $0.take(for: account) }) else { throw refusal() }
        defer { slots.withLock { $0.giveBack(for: account) } }
        return try await body()
    }
}
