public import WebhookDelivery
public import WebhookEvents

/// Says which of several stores an account lives in.
///
/// An account never moves by itself: the same number of shards gives the same shard for ever, on every machine. To add servers, give
/// the accounts that are there already their old place with a table of your own, or move their rows first.
public struct AccountRouter: AccountRouting {
    /// How many stores there are.
    public let shards: Int
    private let route: @Sendable (AccountID) -> Int

    /// Spreads accounts evenly.
    ///
    /// - Parameter shards: How many stores there are; at least one.
    public init(shards: Int) {
        let count = max(1, shards)
        // Jump consistent hashing (Lamping and Veach 2014): a shard more moves only the accounts that go to it.
        self.init(shards: count) { account in
            var key = account.rawValue.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            }
            var (shard, next): (Int64, Int64) = (-1, 0)
            while next < count {
                shard = next
                key = key &* 2_862_933_555_777_941_757 &+ 1
                next = Int64(Double(shard + 1) * (Double(1 << 31) / Double((key >> 33) + 1)))
            }
            return Int(shard)
        }
    }

    /// Goes by a rule of one's own.
    ///
    /// - Parameters:
    ///   - shards: How many stores there are; at least one.
    ///   - route: The shard of an account, from 0; what is beyond counts as the nearest.
    public init(shards: Int, _ route: @escaping @Sendable (AccountID) -> Int) {
        self.shards = max(1, shards)
        self.route = route
    }

    /// The shard of an account.
    ///
    /// - Parameter account: The account.
    /// - Returns: A number from 0.
    public func shard(of account: AccountID) -> Int { min(max(0, route(account)), shards - 1) }
}
