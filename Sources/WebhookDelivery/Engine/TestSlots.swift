internal import Synchronization
internal import WebhookEvents
internal import WebhookLimits

/// The tests of endpoints that are in flight in this process.
///
/// They are sent in the callers' own tasks and not by the dispatcher, so they have slots of their own, shared between
/// accounts in the same way.
final class TestSlots: Sendable {
    /// Which part of a worker's requests tests may add to them.
    static let divisor = 16

    private let slots: Mutex<FairShare<AccountID>>

    init(capacity: Int) { slots = Mutex(FairShare(capacity: capacity)) }

    /// Takes a slot; `false` when the account has its share, or when none is left.
    func take(for account: AccountID) -> Bool { slots.withLock { $0.take(for: account) } }

    func giveBack(for account: AccountID) { slots.withLock { $0.giveBack(for: account) } }
}
