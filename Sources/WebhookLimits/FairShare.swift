/// How much of a bounded resource each holder has, so that none can take it all: requests in flight, bytes, connections,
/// look-ups.
///
/// A holder may have more while it has less than half of what the others leave free. The first of several greedy holders stops at a half, the
/// next at a quarter, and so on, and the one after them still finds something.
///
/// ```swift
/// var connections = FairShare<AccountID>(capacity: 1024)
/// guard connections.take(1, for: account) else { return .saturated }
/// ```
public struct FairShare<Holder: Hashable & Sendable>: Sendable, Hashable {
    /// How much there is.
    public let capacity: Int
    /// How much of it is taken.
    public private(set) var used = 0
    private var held: [Holder: Int] = [:]

    /// Creates a share of which nothing is taken.
    ///
    /// - Parameter capacity: How much there is; at least 1.
    public init(capacity: Int) { self.capacity = min(max(capacity, 1), 1 << 40) }

    /// How much is left for all holders together.
    public var free: Int { max(0, capacity - used) }

    /// How much a holder has.
    ///
    /// - Parameter holder: The holder.
    /// - Returns: The amount.
    public func held(by holder: Holder) -> Int { held[holder] ?? 0 }

    /// Decides whether a holder may have more.
    ///
    /// The last amount may go over the share: a large one that had to fit would wait for ever behind small ones. A holder that
    /// has nothing may have something as long as anything is left.
    ///
    /// - Parameter holder: The holder.
    /// - Returns: Whether it may have more.
    public func allows(for holder: Holder) -> Bool {
        Self.allows(held(by: holder), of: capacity, used: used)
    }

    /// Decides whether a holder that has so much may have more.
    package static func allows(_ own: Int, of capacity: Int, used: Int) -> Bool {
        used < capacity && (own == 0 || own < (capacity - (used - own)) / 2)
    }

    /// Amounts may come from stored rows: no sum of them may overflow.
    private static func clamped(_ amount: Int) -> Int { min(max(amount, 0), 1 << 40) }

    /// Takes an amount for a holder, if it may have it.
    ///
    /// - Parameters:
    ///   - amount: How much it asks for.
    ///   - holder: The holder.
    /// - Returns: Whether it was taken.
    public mutating func take(_ amount: Int = 1, for holder: Holder) -> Bool {
        guard allows(for: holder) else { return false }
        occupy(amount, for: holder)
        return true
    }

    /// Records an amount that a holder has in any case.
    ///
    /// - Parameters:
    ///   - amount: How much it has.
    ///   - holder: The holder.
    public mutating func occupy(_ amount: Int = 1, for holder: Holder) {
        let amount = Self.clamped(amount)
        used += amount
        held[holder, default: 0] += amount
    }

    /// Gives back what a holder took.
    ///
    /// - Parameters:
    ///   - amount: How much it gives back.
    ///   - holder: The holder.
    public mutating func giveBack(_ amount: Int = 1, for holder: Holder) {
        guard let own = held[holder] else { return }
        let returned = min(own, Self.clamped(amount))
        used -= returned
        held[holder] = own == returned ? nil : own - returned
    }
}
