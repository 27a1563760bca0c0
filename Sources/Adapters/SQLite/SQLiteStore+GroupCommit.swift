#if SQLite
internal import GRDB
internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension SQLiteStore {
    /// One call's part in a commit.
    struct Work: Sendable {
        /// The account that it is for; `nil` for what workers do for all of them.
        let account: AccountID?
        /// The bytes of the body that it writes.
        let bytes: Int
        let body: @Sendable (Database) throws -> Void
    }

    /// The most bytes of bodies in one commit: a larger one goes alone, so that others wait for one body at most.
    static let bytesPerCommit = 4_000_000

    /// Writes in a transaction that is shared with the calls that come while another one is being committed: a commit costs a
    /// wait for the disk, and one wait is enough for all of them.
    ///
    /// A call that fails takes back what it wrote and nothing else. Cancelling the task ends no write: others may share it.
    ///
    /// - Parameters:
    ///   - account: The account that it is for; accounts take turns.
    ///   - bytes: The bytes of the body that it writes.
    ///   - body: What it does. A refusal is thrown before anything is written: then it costs the others nothing.
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

    private static let failuresOfTheFile: [ResultCode] = [
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
            // What was read in this transaction may be what it had written.
            settings.forget()
            // A file that is locked, full or broken would fail them one by one as well, and the last after a long wait.
            let isOfTheFile = (error as? DatabaseError).map { Self.failuresOfTheFile.contains($0.resultCode) } ?? false
            if isOfTheFile { return works.map { _ in .failure(error) } }
            if works.count == 1 { return [.failure(error)] }
            // One of them failed, and took the others back with it: the halves go by themselves, until it is alone. Savepoints
            // would spare the others, but cost every call a copy of each page that it changes.
            let half = works.count / 2
            return commit(Array(works[..<half]), db, settings) + commit(Array(works[half...]), db, settings)
        }
    }

    /// Runs one call; a refusal that has written nothing is a result like any other.
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

/// What a call has read or made, handed over after the commit.
private final class Written<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func keep(_ new: Value) { value.withLock { $0 = new } }

    func get() throws -> Value {
        guard let value = value.withLock({ $0 }) else { throw CancellationError() }
        return value
    }
}
#endif
