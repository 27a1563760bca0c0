#if SQLite
public import GRDB
public import WebhookEvents
public import WebhookReceiving

/// A deduplication store in SQLite.
///
/// It uses the consumer's own database, so that a handler's writes and the mark are one transaction:
///
/// ```swift
/// receiver.on(TaskCreated.self) { event, context in
///     try await database.write { db in
///         try Task(event.task).insert(db)
///         try deduplication.commit(context.claim, keepUntil: context.keepUntil, in: db)
///     }
/// }
/// ```
///
/// One or more processes may share the file. Expired marks are removed a few rows at a time.
public final class SQLiteDeduplication: DeduplicationStore {
    private let database: any DatabaseWriter

    /// Creates a store in a database that the host has opened, whose settings determine the durability of commits.
    ///
    /// - Parameter database: The host's database; tables named `taskflow_…` are added to it.
    /// - Throws: `DatabaseError` when the tables cannot be created.
    public init(database: any DatabaseWriter) throws {
        self.database = database
        try Self.schema.migrate(database)
    }

    // The token is the row's number: AUTOINCREMENT never reuses a number, even after its row was deleted.
    private static let schema = SQLiteSchema(
        part: "deduplication",
        versions: [
            """
            CREATE TABLE taskflow_handled_events (
                token INTEGER PRIMARY KEY AUTOINCREMENT,
                endpoint TEXT NOT NULL,
                account TEXT NOT NULL,
                event TEXT NOT NULL,
                is_handled INTEGER NOT NULL,
                until INTEGER NOT NULL,
                UNIQUE (account, event, endpoint)
            ) STRICT;
            CREATE INDEX taskflow_handled_events_by_end ON taskflow_handled_events (until);
            """
        ])

    /// Claims an event for handling.
    ///
    /// - Throws: `DatabaseError`.
    public func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        try await database.write { db in
            // Each claim removes more than one expired row, so that the table cannot grow without bound.
            try db.cachedStatement(
                sql: """
                    DELETE FROM taskflow_handled_events WHERE token IN (
                        SELECT token FROM taskflow_handled_events WHERE until <= ? ORDER BY until LIMIT 4)
                    """
            ).execute(arguments: [now.microseconds])
            let known = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT is_handled, until FROM taskflow_handled_events
                        WHERE account = ? AND event = ? AND endpoint = ?
                        """), arguments: key.arguments)
            if let known, known["until"] > now.microseconds { return known["is_handled"] ? .duplicate : .inProgress }
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO taskflow_handled_events (account, event, endpoint, is_handled, until)
                    VALUES (?, ?, ?, 0, ?)
                    """
            ).execute(arguments: key.arguments + [leaseEnd.microseconds])
            return .claimed(DeduplicationClaim(key: key, token: db.lastInsertedRowID))
        }
    }

    /// Marks an event as handled.
    ///
    /// - Throws: `DatabaseError`.
    public func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {
        try await database.write { db in
            if try Self.mark(claim, expiry, where: "is_handled = 0", db) { return }
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO taskflow_handled_events (account, event, endpoint, is_handled, until)
                    VALUES (?, ?, ?, 1, ?)
                    """, arguments: claim.key.arguments + [expiry.microseconds])
        }
    }

    /// Marks an event as handled inside the transaction of the handler's work: both are committed, or neither is.
    ///
    /// The receiver's own commit afterwards changes nothing. Call it only in the last handler of an event.
    ///
    /// - Parameters:
    ///   - claim: `WebhookContext.claim`.
    ///   - expiry: `WebhookContext.keepUntil`.
    ///   - db: The host's connection, inside a write transaction.
    /// - Throws: ``ClaimLost`` when the claim was lost, because its lease ended and another handler claimed the
    ///   event: let it abort the transaction, so that the work is not done twice. `DatabaseError`.
    public func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp, in db: Database) throws {
        guard try Self.mark(claim, expiry, where: "is_handled = 0 AND token = \(claim.token)", db) else {
            throw ClaimLost(eventID: claim.key.eventID)
        }
    }

    private static func mark(
        _ claim: DeduplicationClaim, _ expiry: Timestamp, where condition: String, _ db: Database
    ) throws -> Bool {
        try db.execute(
            sql: """
                UPDATE taskflow_handled_events SET is_handled = 1, until = ?
                WHERE account = ? AND event = ? AND endpoint = ? AND \(condition)
                """, arguments: [expiry.microseconds] + claim.key.arguments)
        return db.changesCount > 0
    }

    /// Releases a claim.
    ///
    /// - Throws: `DatabaseError`.
    public func release(_ claim: DeduplicationClaim) async throws {
        try await database.write { db in
            try db.execute(
                sql: "DELETE FROM taskflow_handled_events WHERE token = ? AND is_handled = 0", arguments: [claim.token])
        }
    }
}

extension DeduplicationKey {
    fileprivate var arguments: StatementArguments { [accountID.rawValue, eventID.rawValue, endpoint] }
}
#else
/// Requires the trait.
@available(*, unavailable, message: "SQLiteDeduplication needs the trait: .package(…, traits: [\"SQLite\"])")
public final class SQLiteDeduplication {}
#endif
