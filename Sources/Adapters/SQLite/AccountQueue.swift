#if SQLite
internal import GRDB
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

/// The order in which claims visit accounts; it keeps the cost of a claim independent of the number of waiting
/// webhooks.
///
/// `due_at` is never later than the moment at which a delivery of the account can be claimed. A claim recomputes it;
/// all other writes only move it earlier. `turn` orders accounts that are due at the same moment: accounts that have
/// had their turn go last. After a report `due_at` may be too early (`is_stale`); a claim with spare time recomputes
/// it.
enum AccountQueue {
    static func add(_ account: AccountID, _ db: Database) throws {
        try db.run("INSERT OR IGNORE INTO taskflow_accounts (account) VALUES (?)", account.rawValue)
    }

    /// Records that a delivery of the account may be claimable from a moment on.
    static func wake(_ account: AccountID, at moment: Timestamp, _ db: Database) throws {
        try db.run(
            "UPDATE taskflow_accounts SET due_at = ?2 WHERE account = ?1 AND (due_at IS NULL OR due_at > ?2)",
            account.rawValue, moment.microseconds)
    }

    /// Records that attempts of the account were settled: a slot is free, and a delivery may be due at a moment.
    static func settled(_ account: AccountID, due: Timestamp?, now: Timestamp, _ db: Database) throws {
        try db.run(
            """
            UPDATE taskflow_accounts SET is_stale = 1,
                due_at = MIN(COALESCE(due_at, ?3), COALESCE(?2, due_at), CASE WHEN is_full THEN ?4 ELSE ?3 END)
            WHERE account = ?1
            """, account.rawValue, due?.microseconds, Int64.max, now.microseconds)
    }

    /// Returns the due accounts in the order of their turns, without those that already had a turn with this number.
    static func due(now: Timestamp, before turn: Int64, limit: Int, _ db: Database) throws -> [AccountID] {
        try accounts(
            in: db, "due_at <= ? AND turn < ? ORDER BY due_at, turn, account LIMIT ?", now.microseconds, turn, limit)
    }

    /// Returns the accounts whose `due_at` is not exact, earliest first.
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

    /// Returns when the first account is due that has not had a turn with this number.
    static func nextDue(before turn: Int64, _ db: Database) throws -> Timestamp? {
        try db.first(
            "SELECT due_at FROM taskflow_accounts WHERE due_at IS NOT NULL AND turn < ? ORDER BY due_at LIMIT 1", turn
        ) { $0.time() }
    }

    static func latestTurn(_ db: Database) throws -> Int64 {
        let latest = try db.first("SELECT latest FROM taskflow_turns") { $0.integer() } ?? 0
        if (0..<(1 << 60)).contains(latest) { return latest }
        // The number is corrupt: all accounts start again from the front.
        try db.run("UPDATE taskflow_turns SET latest = 0")
        try db.run("UPDATE taskflow_accounts SET turn = 0")
        return 0
    }

    /// Writes the turns that a claim computed.
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
