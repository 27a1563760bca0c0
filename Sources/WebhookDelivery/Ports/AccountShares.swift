public import WebhookEvents
internal import WebhookLimits

/// How much of a worker each account has: deliveries in flight and the bytes of their bodies, each shared out as
/// `FairShare` says.
///
/// Both are in one place because a worker asks for them with every delivery, several times.
public struct AccountShares: Sendable, Hashable {
    /// How much the worker can hold.
    public let capacity: ClaimRequest.Room
    /// How much of it is taken.
    public private(set) var used = ClaimRequest.Room(count: 0, bytes: 0)
    private var held: [AccountID: ClaimRequest.Room] = [:]

    /// Creates shares of which nothing is taken.
    ///
    /// - Parameters:
    ///   - count: The most deliveries that the worker can hold; at least 1.
    ///   - bytes: The most bytes of their bodies; at least 1.
    public init(count: Int = .max, bytes: Int = .max) {
        capacity = ClaimRequest.Room(count: Self.clamped(max(count, 1)), bytes: Self.clamped(max(bytes, 1)))
    }

    /// How much is left for all accounts together.
    public var free: ClaimRequest.Room {
        ClaimRequest.Room(count: max(0, capacity.count - used.count), bytes: max(0, capacity.bytes - used.bytes))
    }

    /// How much an account has.
    ///
    /// - Parameter account: The account.
    /// - Returns: Its deliveries, and the bytes of their bodies.
    public func held(by account: AccountID) -> ClaimRequest.Room {
        held[account] ?? ClaimRequest.Room(count: 0, bytes: 0)
    }

    /// Decides whether an account may have more: of both, less than half of what the others leave.
    ///
    /// - Parameter account: The account.
    /// - Returns: Whether it may.
    public func allows(for account: AccountID) -> Bool {
        let own = held(by: account)
        return FairShare<AccountID>.allows(own.count, of: capacity.count, used: used.count)
            && FairShare<AccountID>.allows(own.bytes, of: capacity.bytes, used: used.bytes)
    }

    /// Records a delivery of an account.
    ///
    /// - Parameters:
    ///   - bytes: The length of its body in bytes.
    ///   - account: The account.
    public mutating func occupy(bytes: Int, for account: AccountID) {
        let bytes = Self.clamped(bytes)
        used.count += 1
        used.bytes += bytes
        held[account, default: ClaimRequest.Room(count: 0, bytes: 0)].add(1, bytes)
    }

    /// Gives back what a delivery took.
    ///
    /// - Parameters:
    ///   - bytes: The length of its body in bytes.
    ///   - account: The account.
    public mutating func giveBack(bytes: Int, for account: AccountID) {
        guard let index = held.index(forKey: account) else { return }
        let bytes = min(held.values[index].bytes, Self.clamped(bytes))
        used.count -= 1
        used.bytes -= bytes
        if held.values[index].count == 1 { held.remove(at: index) } else { held.values[index].add(-1, -bytes) }
    }

    /// Lengths may come from stored rows: no sum of them may overflow.
    private static func clamped(_ amount: Int) -> Int { min(max(amount, 0), 1 << 40) }
}

extension ClaimRequest.Room {
    fileprivate mutating func add(_ count: Int, _ bytes: Int) {
        self.count += count
        self.bytes += bytes
    }
}
