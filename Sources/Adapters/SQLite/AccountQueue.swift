#if SQLite
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

/// The order in which claims look at accounts, so that a claim costs the same whatever the number of webhooks that wait.
///
/// `due_at` is never later than the moment at which something of the account can be claimed. A claim works it out anew;
/// everything else only moves it forward. `turn` tells accounts apart that are due at the same moment: those that had theirs
/// are behind. After a report `due_at` may be too early (`is_stale`); a claim that has time looks again.
enum AccountQueue {
    static func add(_ account: AccountID, _ db: Database) throws {
        try db.run("INSERT OR IGNORE INTO taskflow_accounts (account) VALUES (?)", account.rawValue)
    }

    /// Something of the account may be claimed from a moment on.
    static func wake(_ account: AccountID, at moment: Timestamp, _ db: Database) throws {
        try db.run(
            "UPDATE taskflow_accounts SET due_at = ?2 WHERE account = ?1 AND (due_at IS NULL OR due_at > ?2)",
            account.rawValue, moment.microseconds)
    }

    /// Attempts of the account were reported: a place is free, and something may be due at a moment.
    static func settled(_ account: AccountID, due: Timestamp?, at now: Timestamp, _ db: Database) throws {
        try db.run(
            """
            UPDATE taskflow_accounts SET is_stale = 1,
                due_at = MIN(COALESCE(due_at, ?3), COALESCE(?2, due_at), CASE WHEN is_full THEN ?4 ELSE ?3 END)
            WHERE account = ?1
            """, account.rawValue, due?.microseconds, Int64.max, now.microseconds)
    }

    /// The accounts that are due, in the order of their turns, but for those that had a turn of this number.
    static func due(at now: Timestamp, before turn: Int64, limit: Int, _ db: Database) throws -> [AccountID] {
        try accounts(
            in: db, "due_at <= ? AND turn < ? ORDER BY due_at, turn, account LIMIT ?", now.microseconds, turn, limit)
    }

    /// The accounts of which it is not known exactly when they are due; the first one comes first.
    static func stale(limit: Int, _ db: Database) throws -> [AccountID] {
        try accounts(in: db, "is_stale = 1 AND due_at IS NOT NULL ORDER BY due_at LIMIT ?", limit)
    }

    private static func accounts<each Value: SQLBindable>(
        in db: Database, _ condition: String, _ values: repeat each Value
    ) throws -> [AccountID] {
        var accounts: [AccountID] = []
        try db.each("SELECT account FROM taskflow_accounts WHERE \(condition)", repeat each values) {
            accounts.append(AccountID(unchecked: $0.text()))
        }
        return accounts
    }

    /// When the first account is due that had no turn of this number.
    static func nextDue(before turn: Int64, _ db: Database) throws -> Timestamp? {
        try db.first(
            "SELECT due_at FROM taskflow_accounts WHERE due_at IS NOT NULL AND turn < ? ORDER BY due_at LIMIT 1", turn
        ) { $0.moment() }
    }

    static func latestTurn(_ db: Database) throws -> Int64 {
        let latest = try db.first("SELECT latest FROM taskflow_turns") { $0.integer() } ?? 0
        if (0..<(1 << 60)).contains(latest) { return latest }
        // The number is damaged: everyone begins at the front again.
        try db.run("UPDATE taskflow_turns SET latest = 0")
        try db.run("UPDATE taskflow_accounts SET turn = 0")
        return 0
    }

    /// Writes what a claim has worked out.
    static func write(_ turns: [AccountTurn], number: Int64, _ db: Database) throws {
        guard !turns.isEmpty else { return }
        try db.run("UPDATE taskflow_turns SET latest = MAX(latest, ?)", number)
        for turn in turns where turn.wasServed {
            try db.run(
                "UPDATE taskflow_accounts SET due_at = ?, is_full = ?, is_stale = 0, turn = ? WHERE account = ?",
                turn.dueAt?.microseconds, turn.isFull, number, turn.account.rawValue)
        }
    }
}
#endif
