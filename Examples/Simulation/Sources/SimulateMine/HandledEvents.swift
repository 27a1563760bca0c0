import GRDB
import WebhookReceiving

/// A deduplication store in the consumer's database: the adapter under test.
struct HandledEvents: DeduplicationStore {
    private let database: DatabaseQueue
    /// Whether to make the most common mistake: mark an event as handled when its handling starts.
    private let isForgetful: Bool

    init(_ database: DatabaseQueue, isForgetful: Bool) throws {
        self.database = database
        self.isForgetful = isForgetful
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE handled_events (
                        endpoint TEXT, account TEXT, event TEXT, token INTEGER, is_handled INTEGER, until INTEGER,
                        PRIMARY KEY (endpoint, account, event)
                    )
                    """)
        }
    }

    func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        try await database.write { [isForgetful] db in
            let known = try Row.fetchOne(
                db, sql: "SELECT * FROM handled_events WHERE endpoint = ? AND account = ? AND event = ?",
                arguments: key.arguments)
            if let known, known["until"] > now.microseconds { return known["is_handled"] ? .duplicate : .inProgress }
            let token: Int64 = (known?["token"] ?? 0) + 1
            try db.execute(
                sql: "INSERT OR REPLACE INTO handled_events VALUES (?, ?, ?, ?, ?, ?)",
                arguments: key.arguments + [token, isForgetful, isForgetful ? Int64.max : leaseEnd.microseconds])
            return .claimed(DeduplicationClaim(key: key, token: token))
        }
    }

    func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {
        try await database.write { db in
            // The work is done, even if the claim was lost in the meantime.
            try db.execute(
                sql: """
                    UPDATE handled_events SET is_handled = 1, until = ?
                    WHERE endpoint = ? AND account = ? AND event = ?
                    """, arguments: [expiry.microseconds] + claim.key.arguments)
        }
    }

    func release(_ claim: DeduplicationClaim) async throws {
        try await database.write { db in
            try db.execute(
                sql: """
                    DELETE FROM handled_events
                    WHERE endpoint = ? AND account = ? AND event = ? AND token = ? AND is_handled = 0
                    """, arguments: claim.key.arguments + [claim.token])
        }
    }
}

extension DeduplicationKey {
    fileprivate var arguments: StatementArguments { [endpoint, accountID.rawValue, eventID.rawValue] }
}
