package import WebhookEvents

/// The mapping of accounts to shards.
package protocol AccountRouting: Sendable {
    /// The number of shards.
    var shards: Int { get }
    /// The shard of an account, from 0.
    func shard(of account: AccountID) -> Int
}

/// A store of several shards, each of which may be down while the others answer.
package protocol ShardingStore: WebhookStore {
    associatedtype Routing: AccountRouting

    /// The mapping of accounts to shards.
    var router: Routing { get }
    /// A dispatcher starts to probe the shards that are down.
    func dispatcherBegins()
    /// A dispatcher stops probing.
    func dispatcherEnds()
    /// Returns the shard to probe now.
    ///
    /// - Parameters:
    ///   - uptime: The dispatcher's uptime.
    ///   - rest: The time between two probes.
    /// - Returns: The shard, or `nil` when none is down or it is too early.
    func shardToProbe(at uptime: Duration, rest: Duration) -> Int?
    /// Checks whether a shard answers again.
    func probe(_ shard: Int) async
}
