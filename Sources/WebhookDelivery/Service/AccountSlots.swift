internal import Synchronization
internal import WebhookEvents
internal import WebhookLimits

/// What runs in the callers' own tasks and not in the dispatcher, bounded for one service and shared between accounts.
final class AccountSlots: Sendable {
    /// Which part of a worker's requests tests of endpoints may add to them.
    static let testDivisor = 16
    /// How many reads of whole histories may run at once.
    static let scans = 16

    private let slots: Mutex<FairShare<AccountID>>

    init(capacity: Int) { slots = Mutex(FairShare(capacity: capacity)) }

    /// Runs something in a slot.
    ///
    /// - Parameters:
    ///   - account: The account that it is for.
    ///   - refusal: What is thrown when the account has its share, or when no slot is left.
    ///   - body: What to run.
    /// - Returns: What it returns.
    /// - Throws: The refusal, or what it throws.
    func run<Value>(
        for account: AccountID, orThrow refusal: @autoclosure () -> LimitError, _ body: () async throws -> Value
    ) async throws -> Value {
        guard slots.withLock({ $0.take(for: account) }) else { throw refusal() }
        defer { slots.withLock { $0.giveBack(for: account) } }
        return try await body()
    }
}
