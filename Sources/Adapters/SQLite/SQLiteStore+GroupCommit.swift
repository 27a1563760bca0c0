#if SQLite
internal import GRDB
internal import Synchronization
internal import WebhookDelivery

extension SQLiteStore {
    /// One call's part in a commit.
    typealias Work = @Sendable (Database) throws -> Void

    /// Writes in a transaction that is shared with the calls that come while another one is being committed: a commit costs a
    /// wait for the disk, and one wait is enough for all of them.
    ///
    /// A call that fails takes back what it wrote and nothing else. Cancelling the task ends no write: others may share it.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let written = Written<Value>()
        try await commits.run { db in written.keep(try body(db)) }
        return try written.get()
    }

    /// Runs calls in one transaction.
    static func commit(_ works: [Work], to database: any DatabaseWriter) async -> [Result<Void, any Error>] {
        await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { db in continuation.resume(returning: Self.commit(works, db)) }
        }
    }

    private static let failuresOfTheFile: [ResultCode] = [
        .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CORRUPT, .SQLITE_NOMEM,
    ]

    private static func commit(_ works: [Work], _ db: Database) -> [Result<Void, any Error>] {
        do {
            try db.inTransaction(.immediate) {
                for work in works { try work(db) }
                return .commit
            }
            return works.map { _ in .success(()) }
        } catch {
            // A file that is locked, full or broken would fail them one by one as well, and the last after a long wait.
            let isOfTheFile = (error as? DatabaseError).map { Self.failuresOfTheFile.contains($0.resultCode) } ?? false
            if isOfTheFile { return works.map { _ in .failure(error) } }
            // One of them failed, and took the others back with it: each goes alone now. Savepoints would spare the others, but
            // cost every call a copy of each page that it changes.
            return works.count == 1 ? [.failure(error)] : works.flatMap { commit([$0], db) }
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
