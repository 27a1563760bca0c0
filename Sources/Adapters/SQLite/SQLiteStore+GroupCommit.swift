#if SQLite
internal import GRDB
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension SQLiteStore {
    /// One call's part of a commit.
    struct Work: Sendable {
        /// The account of the call; `nil` for calls of workers, which concern all accounts.
        let account: AccountID?
        /// The size of the body that the call writes, in bytes.
        let bytes: Int
        let body: @Sendable (Database) throws -> Void
    }

    /// The maximum size of all bodies in one commit, in bytes; a larger body is committed alone, so that a call waits
    /// for one body at most.
    static let bytesPerCommit = 4_000_000

    /// Writes in a transaction that is shared with the calls that arrive during another commit.
    ///
    /// A commit costs a disk flush, and one flush serves all of them.
    ///
    /// A call that fails rolls back its own writes and nothing else. Cancelling the task stops no write: others may
    /// share it.
    ///
    /// - Parameters:
    ///   - account: The account of the call; accounts take turns.
    ///   - bytes: The size of the body that the call writes.
    ///   - body: The writes. A rejection must be thrown before the first write; it then costs the other calls nothing.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and `DatabaseError`.
    func write<Value: Sendable>(
        of account: AccountID? = nil, bytes: Int = 0, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let written = Written<Value>()
        try await commits.run(
            Work(account: account, bytes: bytes) { db in written.keep(try body(db)) })
        return try written.get()
    }

    /// Runs calls in one transaction.
    static func commit(
        _ works: [Work], to database: any DatabaseWriter, _ settings: SettingsCache
    ) async -> [Result<Void, any Error>] {
        await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { db in
                continuation.resume(returning: Self.commit(works, db, settings))
            }
        }
    }

    private static let fileErrors: [ResultCode] = [
        .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CORRUPT, .SQLITE_NOMEM,
    ]

    private static func commit(
        _ works: [Work], _ db: Database, _ settings: SettingsCache
    ) -> [Result<Void, any Error>] {
        do {
            var results: [Result<Void, any Error>] = []
            try db.inTransaction(.immediate) {
                for work in works { results.append(try run(work, db)) }
                return .commit
            }
            return results
        } catch {
            // The cache may contain values that this transaction wrote and rolled back.
            settings.forget()
            // If the file is locked, full or broken, each call would fail alone as well, and the last one after a long
            // wait.
            let isFileError = (error as? DatabaseError).map { Self.fileErrors.contains($0.resultCode) } ?? false
            if isFileError { return works.map { _ in .failure(error) } }
            if works.count == 1 { return [.failure(error)] }
            // One call failed and rolled back the others with it: the halves run separately, until the failing call is
            // alone. Savepoints would spare the others, but cost every call a copy of each page that it changes.
            let half = works.count / 2
            return commit(Array(works[..<half]), db, settings) + commit(Array(works[half...]), db, settings)
        }
    }

    /// Runs one call; a rejection that has written nothing is a normal result.
    private static func run(_ work: Work, _ db: Database) throws -> Result<Void, any Error> {
        let changes = db.totalChangesCount
        do {
            try work.body(db)
            return .success(())
        } catch  where !(error is DatabaseError) && db.totalChangesCount == changes {
            return .failure(error)
        }
    }
}

/// The result of a call, returned after the commit.
private final class Written<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func keep(_ new: Value) { value.withLock { $0 = new } }

    func get() throws -> Value {
        guard let value = value.withLock({ $0 }) else { throw CancellationError() }
        return value
    }
}
#endif
