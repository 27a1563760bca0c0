/// A bounded resource that no holder can exhaust alone, such as requests in flight, bytes, connections or look-ups.
///
/// A holder may take more while it holds less than half of what the others leave free. The first of several greedy
/// holders stops at a half, the next at a quarter, and so on, so a newcomer still finds some.
///
/// ```swift
/// var connections = FairShare<AccountID>(capacity: 1024)
/// guard connections.take(1, for: account) else { return .saturated }
/// ```
package struct FairShare<Holder: Hashable & Sendable>: Sendable, Hashable {
    /// The total amount.
    package let capacity: Int
    /// The amount in use.
    package private(set) var used = 0
    private var held: [Holder: Int] = [:]

    /// Creates an unused resource.
    ///
    /// - Parameter capacity: The total amount; at least 1.
    package init(capacity: Int) { self.capacity = min(max(capacity, 1), 1 << 40) }

    /// The amount left for all holders together.
    package var free: Int { max(0, capacity - used) }

    /// Returns the amount that a holder has.
    ///
    /// - Parameter holder: The holder.
    /// - Returns: The amount.
    package func held(by holder: Holder) -> Int { held[holder] ?? 0 }

    /// Returns whether a holder may take more.
    ///
    /// The last amount may exceed the share: a large amount that had to fit would wait forever behind small ones. A
    /// holder that has nothing may take some as long as any is left.
    ///
    /// - Parameter holder: The holder.
    /// - Returns: Whether the holder may take more.
    package func allows(for holder: Holder) -> Bool {
        Self.allows(held(by: holder), of: capacity, used: used)
    }

    /// Returns whether a holder with the given amount may take more.
    package static func allows(_ own: Int, of capacity: Int, used: Int) -> Bool {
        used < capacity && (own == 0 || own < (capacity - (used - own)) / 2)
    }

    /// Clamps an amount so that no sum overflows; amounts may come from stored rows.
    private static func clamped(_ amount: Int) -> Int { min(max(amount, 0), 1 << 40) }

    /// Takes an amount for a holder if the holder may take more.
    ///
    /// - Parameters:
    ///   - amount: The requested amount.
    ///   - holder: The holder.
    /// - Returns: Whether the amount was taken.
    package mutating func take(_ amount: Int = 1, for holder: Holder) -> Bool {
        guard allows(for: holder) else { return false }
        occupy(amount, for: holder)
        return true
    }

    /// Records an amount that a holder already has, without a check.
    ///
    /// - Parameters:
    ///   - amount: The amount.
    ///   - holder: The holder.
    package mutating func occupy(_ amount: Int = 1, for holder: Holder) {
        let amount = Self.clamped(amount)
        used += amount
        held[holder, default: 0] += amount
    }

    /// Returns an amount that a holder took.
    ///
    /// - Parameters:
    ///   - amount: The amount; at most what the holder has is returned.
    ///   - holder: The holder.
    package mutating func giveBack(_ amount: Int = 1, for holder: Holder) {
        guard let own = held[holder] else { return }
        let returned = min(own, Self.clamped(amount))
        used -= returned
        held[holder] = own == returned ? nil : own - returned
    }
}
