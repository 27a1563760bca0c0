#if HTTPTransport
internal import Synchronization
internal import WebhookEvents
internal import WebhookLimits

/// The account whose requests a connection carries; requests without an account share as if they were one account's.
struct ConnectionHolder: Hashable, Sendable {
    let account: AccountID?
}

/// How many connections a transport may have, on all its threads together, and how accounts share them.
///
/// A connection counts for an account while it carries one of its requests. A kept connection belongs to no account.
final class ConnectionBudget: Sendable {
    private let left: Atomic<Int>
    private let busy: Mutex<FairShare<ConnectionHolder>>
    private let reserve: Int

    init(_ count: Int) {
        let count = max(1, count)
        left = Atomic(count)
        busy = Mutex(FairShare(capacity: count))
        reserve = count / 8
    }

    /// Takes room for a new connection, if there is any left and the account may have it.
    func open(for holder: ConnectionHolder) -> Bool {
        guard left.subtract(1, ordering: .acquiringAndReleasing).newValue >= 0, take(for: holder) else {
            left.add(1, ordering: .acquiringAndReleasing)
            return false
        }
        return true
    }

    /// Gives the room of a closed connection back.
    func closed(_ holder: ConnectionHolder?) {
        left.add(1, ordering: .acquiringAndReleasing)
        if let holder { giveBack(for: holder) }
    }

    /// Whether there is no room for another connection.
    var isExhausted: Bool { left.load(ordering: .acquiring) <= 0 }

    /// Whether connections may be kept: the last eighth of the room is for new ones, of whatever account and thread.
    var mayKeep: Bool { left.load(ordering: .acquiring) >= reserve }

    // MARK: - Shares

    /// Whether an account may use another connection.
    func allows(_ holder: ConnectionHolder) -> Bool { busy.withLock { $0.allows(for: holder) } }

    /// Counts a connection for an account, if it may have it.
    func take(for holder: ConnectionHolder) -> Bool { busy.withLock { $0.take(for: holder) } }

    /// Ends what ``take(for:)`` began.
    func giveBack(for holder: ConnectionHolder) { busy.withLock { $0.giveBack(for: holder) } }
}
#endif
