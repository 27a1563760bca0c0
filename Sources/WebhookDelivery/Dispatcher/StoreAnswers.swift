internal import WebhookEvents

/// How many reports each of a dispatcher's stores has taken: one that refuses a report and takes others is not down.
struct StoreAnswers {
    private let router: (any AccountRouting)?
    private var counts: [Int]

    init(_ router: (any AccountRouting)?) {
        self.router = router
        counts = [Int](repeating: 0, count: router?.shards ?? 1)
    }

    /// The store of an account has taken a report.
    mutating func count(_ account: AccountID) { counts[place(of: account)] &+= 1 }

    /// How many reports the store of an account has taken.
    func taken(by account: AccountID) -> Int { counts[place(of: account)] }

    private func place(of account: AccountID) -> Int { router?.shard(of: account) ?? 0 }
}
