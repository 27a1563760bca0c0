internal import WebhookEvents

/// Counts the accepted reports of each store: a store that refuses one report but accepts others is not down.
struct AcceptedReports {
    private let router: (any AccountRouting)?
    private var counts: [Int]

    init(_ router: (any AccountRouting)?) {
        self.router = router
        counts = [Int](repeating: 0, count: router?.shards ?? 1)
    }

    /// Counts a report that the account's store has accepted.
    mutating func count(_ account: AccountID) { counts[place(of: account)] &+= 1 }

    /// Returns how many reports the account's store has accepted.
    func taken(by account: AccountID) -> Int { counts[place(of: account)] }

    private func place(of account: AccountID) -> Int { router?.shard(of: account) ?? 0 }
}
