public import WebhookDelivery
public import WebhookEvents

/// Assigns each account to one of several stores.
///
/// The same account and number of shards give the same shard forever, on every machine. Before adding servers, either
/// keep existing accounts in their shards with a custom route, or move their rows.
public struct AccountRouter: AccountRouting {
    /// The number of stores.
    public let shards: Int
    private let route: @Sendable (AccountID) -> Int

    /// Creates a router that distributes accounts evenly.
    ///
    /// - Parameter shards: The number of stores; at least 1.
    public init(shards: Int) {
        let count = max(1, shards)
        // Jump consistent hashing (Lamping and Veach 2014): an additional shard only moves the accounts assigned to it.
        self.init(shards: count) { account in
            var key = FNV1a(account.rawValue).value
            var (shard, next): (Int64, Int64) = (-1, 0)
            while next < count {
                shard = next
                key = key &* 2_862_933_555_777_941_757 &+ 1
                next = Int64(Double(shard + 1) * (Double(1 << 31) / Double((key >> 33) + 1)))
            }
            return Int(shard)
        }
    }

    /// Creates a router with a custom route.
    ///
    /// - Parameters:
    ///   - shards: The number of stores; at least 1.
    ///   - route: Returns an account's shard, counted from 0; values out of range are clamped.
    public init(shards: Int, _ route: @escaping @Sendable (AccountID) -> Int) {
        self.shards = max(1, shards)
        self.route = route
    }

    /// Returns the shard of an account.
    ///
    /// - Parameter account: The account.
    /// - Returns: The shard, counted from 0.
    public func shard(of account: AccountID) -> Int { min(max(0, route(account)), shards - 1) }
}
