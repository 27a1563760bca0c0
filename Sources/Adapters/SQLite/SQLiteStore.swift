#if SQLite
public import GRDB
public import WebhookDelivery
public import WebhookEvents
public import WebhookSigning
public import WebhookSystem
internal import WebhookStoreKit

/// A durable store in one SQLite file, for hosts on one machine, in the host's database or in a separate file.
///
/// Acknowledged data is on disk (`synchronous=FULL`, write-ahead log). One or more processes may share the file.
public final class SQLiteStore: WebhookStore {
    let database: any DatabaseWriter
    let clock: any WebhookClock
    let secretColumn: SecretColumn
    let settings: SettingsCache
    let commits: GroupCommit<Work, Void>
    let replayPace = ReplayPace()

    /// Opens or creates a file.
    ///
    /// A new file and its write-ahead log have mode 0600, whatever the umask; the mode of an existing file does not
    /// change.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - sealing: Encrypts secrets and custom header fields; without it they are stored in plain text.
    ///   - clock: The store's clock.
    /// - Throws: `DatabaseError` when the file cannot be opened or is not a database.
    public convenience init(
        path: String, sealing: (any SecretSealing)? = nil, clock: any WebhookClock = SystemClock()
    ) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        // More than the number of whole histories that a service reads at once.
        configuration.maximumReaderCount = 20
        configuration.prepareDatabase { db in
            // A page cache of 32 MB for the writer, and checkpoints every 32 MB: fewer reads and fewer disk flushes. A
            // page that several commits change is checkpointed once.
            let pages = db.configuration.readonly ? 8192 : 32_768
            try db.execute(sql: "PRAGMA cache_size = -\(pages); PRAGMA wal_autocheckpoint = 8192")
        }
        try Self.createPrivateFile(path)
        let pool = try DatabasePool(path: path, configuration: configuration)
        // GRDB resets the pragma after its own set-up, so it is set here and verified.
        let level = try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            return try Int.fetchOne(db, sql: "PRAGMA synchronous")
        }
        guard level == 2 else {
            throw DatabaseError(message: "synchronous=FULL was not accepted; commits would not survive a power failure")
        }
        try self.init(database: pool, sealing: sealing, clock: clock)
    }

    /// Returns the settings of the writer's connection: the level of `synchronous`, and the journal mode.
    package func durability() async throws -> (synchronous: Int?, journal: String?) {
        try await database.writeWithoutTransaction { db in
            (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
        }
    }

    /// Creates a store in a database that the host has opened, whose settings determine the durability of commits.
    ///
    /// - Parameters:
    ///   - database: The host's database; tables named `taskflow_…` are added to it.
    ///   - sealing: Encrypts secrets and custom header fields; without it they are stored in plain text.
    ///   - clock: The store's clock.
    /// - Throws: `DatabaseError` when the tables cannot be created.
    public init(
        database: any DatabaseWriter, sealing: (any SecretSealing)? = nil, clock: any WebhookClock = SystemClock()
    ) throws {
        self.database = database
        self.clock = clock
        self.secretColumn = SecretColumn(sealing: sealing)
        let settings = SettingsCache()
        self.settings = settings
        self.commits = GroupCommit(
            limit: 256, budget: Self.bytesPerCommit, cost: \.bytes, account: \.account
        ) { works in await Self.commit(works, to: database, settings) }
        try Self.schema.migrate(database)
        let now = clock.now
        try database.write { db in
            try Self.retryUnreadable(now: now, db)
            try Self.resetFarPostponements(now: now, db)
        }
    }
}
#else
/// Requires the trait.
@available(*, unavailable, message: "SQLiteStore needs the trait: .package(…, traits: [\"SQLite\"])")
public final class SQLiteStore {}
#endif
