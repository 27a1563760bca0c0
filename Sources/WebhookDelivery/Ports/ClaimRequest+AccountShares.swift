public import WebhookEvents
internal import WebhookLimits

extension ClaimRequest {
    /// The share of a worker that each account uses: deliveries in flight and the bytes of their bodies.
    ///
    /// `FairShare` limits both shares. They are kept in one type because a worker reads both several times per delivery.
    public struct AccountShares: Sendable, Hashable {
        /// The worker's capacity.
        public let capacity: ClaimRequest.Room
        /// The part of the capacity that is in use.
        public private(set) var used = ClaimRequest.Room(count: 0, bytes: 0)
        private var held: [AccountID: ClaimRequest.Room] = [:]

        /// Creates shares with nothing in use.
        ///
        /// - Parameters:
        ///   - count: The most deliveries that the worker can hold; at least 1.
        ///   - bytes: The most bytes of their bodies; at least 1.
        public init(count: Int = .max, bytes: Int = .max) {
            capacity = ClaimRequest.Room(count: Self.clamped(max(count, 1)), bytes: Self.clamped(max(bytes, 1)))
        }

        /// The capacity that is left for all accounts together.
        public var free: ClaimRequest.Room {
            ClaimRequest.Room(count: max(0, capacity.count - used.count), bytes: max(0, capacity.bytes - used.bytes))
        }

        /// Returns the capacity that an account uses.
        ///
        /// - Parameter account: The account.
        /// - Returns: The number of its deliveries, and the bytes of their bodies.
        public func held(by account: AccountID) -> ClaimRequest.Room {
            held[account] ?? ClaimRequest.Room(count: 0, bytes: 0)
        }

        /// Returns whether an account may use more: it must use less than half of what the others leave, in both shares.
        ///
        /// - Parameter account: The account.
        /// - Returns: Whether the account may use more.
        public func allows(for account: AccountID) -> Bool {
            let own = held(by: account)
            return FairShare<AccountID>.allows(own.count, of: capacity.count, used: used.count)
                && FairShare<AccountID>.allows(own.bytes, of: capacity.bytes, used: used.bytes)
        }

        /// Adds a delivery to an account's share.
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

        /// Removes a delivery from an account's share.
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

        /// Limits an amount, which may come from a stored row, so that sums do not overflow.
        private static func clamped(_ amount: Int) -> Int { min(max(amount, 0), 1 << 40) }
    }
}

extension ClaimRequest.Room {
    fileprivate mutating func add(_ count: Int, _ bytes: Int) {
        self.count += count
        self.bytes += bytes
    }
}
