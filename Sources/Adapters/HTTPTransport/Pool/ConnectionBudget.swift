#if HTTPTransport
internal import Synchronization
package import WebhookEvents
internal import WebhookLimits

/// The account whose request a connection carries; requests without an account count as one account.
package struct ConnectionHolder: Hashable, Sendable {
    package let account: AccountID?

    package init(account: AccountID?) { self.account = account }
}

/// The maximum number of a transport's connections on all threads, shared fairly by accounts.
///
/// A connection counts for an account while it carries one of the account's requests. An idle connection belongs to no
/// account.
package final class ConnectionBudget: Sendable {
    private let left: Atomic<Int>
    private let busy: Mutex<FairShare<ConnectionHolder>>
    private let reserve: Int

    package init(_ count: Int) {
        let count = max(1, count)
        left = Atomic(count)
        busy = Mutex(FairShare(capacity: count))
        reserve = count / 8
    }

    /// Reserves a new connection if there is room and the account may have one.
    package func open(for holder: ConnectionHolder) -> Bool {
        guard left.subtract(1, ordering: .acquiringAndReleasing).newValue >= 0, take(for: holder) else {
            left.add(1, ordering: .acquiringAndReleasing)
            return false
        }
        return true
    }

    /// Returns the room of a closed connection.
    package func closed(_ holder: ConnectionHolder?) {
        left.add(1, ordering: .acquiringAndReleasing)
        if let holder { giveBack(for: holder) }
    }

    /// Whether there is no room for another connection.
    package var isExhausted: Bool { left.load(ordering: .acquiring) <= 0 }

    /// Whether connections may be kept; the last eighth of the room is reserved for new ones of any account and thread.
    var mayKeep: Bool { left.load(ordering: .acquiring) >= reserve }

    // MARK: - Shares

    /// Returns whether an account may use another connection.
    func allows(_ holder: ConnectionHolder) -> Bool { busy.withLock { $0.allows(for: holder) } }

    /// Counts a connection for an account if the account may use another one.
    func take(for holder: ConnectionHolder) -> Bool { busy.withLock { $0.take(for: holder) } }

    /// Reverts ``take(for:)``.
    func giveBack(for holder: ConnectionHolder) { busy.withLock { $0.giveBack(for: holder) } }
}
#endif
