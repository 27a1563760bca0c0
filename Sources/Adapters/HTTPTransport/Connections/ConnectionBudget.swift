#if HTTPTransport
internal import Synchronization

/// How many connections a transport may have, on all its threads together.
final class ConnectionBudget: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(max(1, count)) }

    /// Takes one, if there is one left.
    func take() -> Bool {
        guard left.subtract(1, ordering: .acquiringAndReleasing).newValue < 0 else { return true }
        giveBack()
        return false
    }

    func giveBack() { left.add(1, ordering: .acquiringAndReleasing) }

    var isExhausted: Bool { left.load(ordering: .acquiring) <= 0 }
}
#endif
