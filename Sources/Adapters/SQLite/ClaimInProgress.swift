#if SQLite
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning

/// A claim: accounts take turns, and within an account its webhooks do.
struct ClaimInProgress {
    private struct Account {
        let name: String
        var leased: Int
        /// The webhooks that may have more, the next one first.
        var turns: [Int]
    }

    private let request: ClaimRequest
    private let now: Timestamp
    private var turns: [ClaimTurn] = []
    private var accounts: [Account] = []
    private var deliveries: [ClaimedDelivery] = []
    /// Accounts that have all that they may have.
    private var fullAccounts: Set<String> = []
    /// Whether webhooks were not looked at because there is no room for them.
    private var isCutShort = false
    private var retries = 0
    private var bytes = 0

    init(_ due: [ClaimHead], _ request: ClaimRequest, at now: Timestamp, _ db: Database) throws {
        self.request = request
        self.now = now
        // An account may fill twice its share, and a webhook twice its part of that; the rest comes next time. With more
        // of them than room, each gets one turn.
        let webhooks = Dictionary(grouping: due, by: \.account).mapValues(\.count)
        func share(of account: String) -> Int {
            let ofAccount = max(1, 2 * request.count / max(1, webhooks.count))
            return max(1, 2 * ofAccount / max(1, webhooks[account] ?? 1))
        }
        var places: [String: Int] = [:]
        for head in due {
            let place = places[head.account]
            guard (place.map { accounts[$0].turns.count } ?? accounts.count) < request.count else {
                isCutShort = true
                continue
            }
            // A webhook that cannot be read must not hold up the others.
            guard let id = WebhookID(head.webhook), let webhook = try? SQLiteStore.webhook(id, db) else { continue }
            let turn = try ClaimTurn(webhook: webhook, share: share(of: head.account), request, at: now, db)
            turns.append(turn)
            // What pauses or has no room takes no place from those that may go.
            guard turn.hasCandidates else { continue }
            if place == nil {
                let leased = try Self.leased(of: head.account, at: now, db)
                guard leased < request.rules.perAccount else {
                    fullAccounts.insert(head.account)
                    continue
                }
                places[head.account] = accounts.count
                accounts.append(Account(name: head.account, leased: leased, turns: []))
            }
            if let place = places[head.account] { accounts[place].turns.append(turns.count - 1) }
        }
    }

    private static func leased(of account: String, at now: Timestamp, _ db: Database) throws -> Int {
        let sql = "SELECT COUNT(*) FROM taskflow_deliveries WHERE account = ? AND status = 'leased' AND due_at > ?"
        return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [account, now.microseconds]) ?? 0
    }

    private func accountIsFull(_ account: String) -> Bool {
        accounts.contains { $0.name == account && $0.leased >= request.rules.perAccount }
    }

    mutating func run(_ db: Database) throws {
        var progressed = true
        while progressed {
            progressed = false
            for index in accounts.indices where hasRoom {
                if try serve(index, db) { progressed = true }
            }
        }
    }

    private var hasRoom: Bool { deliveries.count < request.count && (bytes < request.bytes || bytes == 0) }

    /// Gives an account one delivery, if it has one that may go.
    private mutating func serve(_ index: Int, _ db: Database) throws -> Bool {
        while accounts[index].leased < request.rules.perAccount, !accounts[index].turns.isEmpty {
            let turn = accounts[index].turns.removeFirst()
            let mayRetry = retries < request.retries
            guard let claimed = try turns[turn].claimNext(request, at: now, mayRetry: mayRetry, db) else { continue }
            accounts[index].turns.append(turn)
            accounts[index].leased += 1
            if claimed.delivery.state.attempts > 0 { retries += 1 }
            bytes += claimed.body.count
            deliveries.append(claimed)
            return true
        }
        return false
    }

    /// Writes what changed, and says when to come again.
    ///
    /// `waiting` is when the first webhook has something due that had nothing due now.
    func reply(waiting: Timestamp?, _ db: Database) throws -> ClaimReply {
        var reply = ClaimReply(deliveries: deliveries, nextDueIn: nil)
        var next = [waiting].compactMap(\.self)
        for turn in turns {
            try turn.updateWebhook(db)
            reply.rejected += turn.rejected
            if turn.isUsedUp { reply.usedUp.append(turn.id) }
            let isFull = fullAccounts.contains(turn.account) || accountIsFull(turn.account)
            let change = try turn.nextChange(request, isAccountFull: isFull, at: now, db)
            if let change { next.append(change) }
        }
        reply.nextDueIn = hasRoom && !isCutShort ? next.min().map { max(.zero, $0 - now) } : .zero
        return reply
    }
}
#endif
