#if SQLite
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning

/// A webhook with open deliveries, and when the first of them is due.
struct ClaimHead {
    let webhook: String
    let account: String
    let due: Timestamp

    /// Those of active webhooks; the one that was served longest ago comes first.
    static func all(_ db: Database) throws -> [ClaimHead] {
        // A loose index scan: a few look-ups for each webhook with open deliveries, however many deliveries it has.
        let statement = try db.cachedStatement(
            sql: """
                WITH RECURSIVE open (webhook) AS (
                    SELECT MIN(webhook) FROM taskflow_deliveries
                    WHERE status IN ('pending', 'leased') AND is_blocked = 0
                    UNION ALL
                    SELECT (SELECT MIN(webhook) FROM taskflow_deliveries
                        WHERE status IN ('pending', 'leased') AND is_blocked = 0 AND webhook > open.webhook)
                    FROM open WHERE open.webhook IS NOT NULL
                ), heads AS (
                    SELECT w.id, w.account, w.last_triggered,
                        (SELECT MIN(due_at) FROM taskflow_deliveries WHERE status IN ('pending', 'leased')
                            AND is_blocked = 0 AND webhook = w.id AND is_retry = 0) AS first,
                        (SELECT MIN(due_at) FROM taskflow_deliveries WHERE status IN ('pending', 'leased')
                            AND is_blocked = 0 AND webhook = w.id AND is_retry = 1) AS retry
                    FROM open JOIN taskflow_webhooks w ON w.id = open.webhook WHERE w.state = 'active'
                )
                SELECT id, account, MIN(COALESCE(first, retry), COALESCE(retry, first)) AS due
                FROM heads ORDER BY last_triggered, id
                """)
        return try Row.fetchAll(statement).map {
            ClaimHead(webhook: $0["id"], account: $0["account"], due: Timestamp(microseconds: $0["due"]))
        }
    }
}

/// One webhook's part in a claim.
struct ClaimTurn {
    private var webhook: RegisteredWebhook
    private let original: Webhook
    private var firsts: ArraySlice<Delivery>
    private var retries: ArraySlice<Delivery>
    private var leased: Int
    /// Whether there may be more due than was looked at.
    private let isCutShort: Bool
    private(set) var rejected: [DeliveryID] = []
    private(set) var isUsedUp = false

    init(webhook: RegisteredWebhook, share: Int, _ request: ClaimRequest, at now: Timestamp, _ db: Database) throws {
        self.webhook = webhook
        self.original = webhook.webhook
        let count = try db.cachedStatement(
            sql: """
                SELECT COUNT(*) FROM taskflow_deliveries
                WHERE account = ? AND webhook = ? AND status = 'leased' AND due_at > ?
                """)
        let id = webhook.id.rawValue
        self.leased =
            try Int.fetchOne(
                count, arguments: [webhook.webhook.account.rawValue, id, now.microseconds]) ?? 0
        let due = try db.cachedStatement(
            sql: """
                SELECT * FROM taskflow_deliveries WHERE status IN ('pending', 'leased') AND is_blocked = 0
                    AND webhook = ? AND is_retry = ? AND due_at <= ? ORDER BY due_at, sequence LIMIT ?
                """)
        func candidates(isRetry: Bool, _ limit: Int) throws -> ArraySlice<Delivery> {
            try Row.fetchAll(due, arguments: [id, isRetry, now.microseconds, max(0, limit)])
                .compactMap { try? Delivery(row: $0) }[...]
        }
        var room = 0
        if case .open(let cap) = webhook.webhook.gate(at: now, rules: request.rules) { room = min(share, cap - leased) }
        self.firsts = try candidates(isRetry: false, room)
        self.retries = try candidates(isRetry: true, min(room, request.retries))
        self.isCutShort = room == share && firsts.count + retries.count >= share
    }

    mutating func claimNext(
        _ request: ClaimRequest, at now: Timestamp, mayRetry: Bool, _ db: Database
    ) throws -> ClaimedDelivery? {
        while case .open(let room) = webhook.webhook.gate(at: now, rules: request.rules), leased < room,
            var delivery = takeCandidate(mayRetry: mayRetry)
        {
            let result = delivery.claim(at: now, webhook: &webhook.webhook, rules: request.rules)
            if result == .unavailable { continue }
            try delivery.update(db)
            if result == .rejected { rejected.append(delivery.id) }
            guard case .leased(let token, let isLastOfDay) = result else { continue }
            leased += 1
            isUsedUp = isUsedUp || isLastOfDay
            let statement = try db.cachedStatement(sql: "SELECT body FROM taskflow_events WHERE account = ? AND id = ?")
            guard
                let row = try Row.fetchOne(statement, arguments: [delivery.account.rawValue, delivery.event.rawValue])
            else { throw UnreadableRow(table: "taskflow_events", id: delivery.event.rawValue) }
            return ClaimedDelivery(
                lease: Lease(delivery: delivery.id, webhook: webhook.id, token: token), delivery: delivery,
                webhook: webhook.webhook, secrets: webhook.secrets, body: try row.bytes("body"))
        }
        return nil
    }

    private mutating func takeCandidate(mayRetry: Bool) -> Delivery? {
        guard mayRetry, let retry = retries.first else { return firsts.popFirst() }
        guard let first = firsts.first else { return retries.popFirst() }
        return (first.state.dueAt, first.sequence) < (retry.state.dueAt, retry.sequence)
            ? firsts.popFirst() : retries.popFirst()
    }

    /// Names the webhook.
    var id: WebhookID { webhook.id }

    /// Writes the webhook if the claim changed it: a claim that finds nothing must not cost a write to the disk.
    func updateWebhook(_ db: Database) throws {
        if webhook.webhook != original { try webhook.webhook.update(db) }
    }

    /// The account that the webhook belongs to.
    var account: String { webhook.webhook.account.rawValue }

    /// Whether there is something that may go.
    var hasCandidates: Bool { !firsts.isEmpty || !retries.isEmpty }

    /// When there is more to do for the webhook of its own accord.
    ///
    /// At its cap that is when the next lease ends, and when its account is full, when the account's next lease ends; leases
    /// that have ended wait behind older deliveries for a free place.
    func nextChange(
        _ request: ClaimRequest, isAccountFull: Bool, at now: Timestamp, _ db: Database
    ) throws -> Timestamp? {
        func next(_ condition: String, _ arguments: StatementArguments) throws -> Timestamp? {
            let statement = try db.cachedStatement(
                sql: "SELECT MIN(due_at) FROM taskflow_deliveries WHERE \(condition) AND due_at > ?")
            return try Int64.fetchOne(statement, arguments: arguments + [now.microseconds])
                .map { Timestamp(microseconds: $0) }
        }
        let id = webhook.id.rawValue
        switch webhook.webhook.gate(at: now, rules: request.rules) {
        case .stopped: return nil
        case .closed(let until): return until
        case .open where isAccountFull: return try next("account = ? AND status = 'leased'", [account])
        case .open(let room) where leased >= room:
            return try next("account = ? AND webhook = ? AND status = 'leased'", [account, id])
        case .open:
            if isCutShort { return now }
            return try next("status IN ('pending', 'leased') AND is_blocked = 0 AND webhook = ?", [id])
        }
    }
}
#endif
