#if PostgreSQL
internal import Synchronization
public import WebhookDelivery
public import WebhookEvents
public import WebhookSigning
internal import WebhookStoreKit

/// A durable store in PostgreSQL 13 or later, for hosts whose workers run on many machines.
///
/// Commits are as durable as the server's settings make them. Any number of processes may share the tables; the store
/// uses the server's time, so their clocks do not matter. Events can also be published from SQL, inside any client's
/// transaction: see `Docs/PostgreSQL.md`.
public final class PostgresStore: WebhookStore {
    let configuration: PostgresConfiguration
    let schema: PostgresSchema
    let pool: PostgresPool
    let secretColumn: SecretColumn
    private let clock: (any WebhookClock)?
    let publishes: GroupCommit<EventPublication, PublishReceipt>
    /// The account with new deliveries that the last claim took; the next claim starts after it.
    let lastArrived = Mutex("")
    let replayPace = ReplayPace()
    private let origin = ContinuousClock.now
    /// Whether this store has already retried the rows that an earlier version could not read.
    let hasRetriedUnreadable = Mutex(false)
    /// The maximum size of all bodies in one commit, in bytes, so that it ends within `callTimeout`.
    private static let bytesPerCommit = 4_000_000

    /// Creates a store, which connects at its first use.
    ///
    /// - Parameters:
    ///   - configuration: The server and how to use it. The tables must exist: see ``migrate(_:)``.
    ///   - sealing: Encrypts secrets and custom header fields; without it they are stored in plain text.
    ///   - clock: The store's clock; `nil` uses the server's.
    /// - Throws: ``PostgresError`` with code ``PostgresError/Code/invalidConfiguration``.
    public init(
        _ configuration: PostgresConfiguration, sealing: (any SecretSealing)? = nil, clock: (any WebhookClock)? = nil
    ) throws(PostgresError) {
        try configuration.check()
        let schema = PostgresSchema(name: configuration.schema)
        self.configuration = configuration
        self.schema = schema
        self.secretColumn = SecretColumn(sealing: sealing)
        self.clock = clock
        let pool = PostgresPool(configuration, schema)
        self.pool = pool
        self.publishes = GroupCommit(
            width: max(1, configuration.connections / 2), limit: 64, budget: Self.bytesPerCommit,
            cost: { $0.envelope.bytes.count }, account: \.accountID
        ) { try await schema.publish($0, at: { clock?.now }, pool) }
    }

    /// Creates or migrates the tables.
    ///
    /// Requires a role that may create a schema. Safe to call from many workers at once.
    ///
    /// - Parameter configuration: The server.
    /// - Throws: ``PostgresError``.
    public static func migrate(_ configuration: PostgresConfiguration) async throws {
        try configuration.check()
        try await PostgresSchema(name: configuration.schema).migrate(configuration)
    }

    /// The store's time as a parameter; NULL means the server's time.
    var moment: Timestamp? { clock?.now }

    /// The monotonic time.
    var uptime: Duration { clock?.uptime ?? origin.duration(to: .now) }
}
#else
/// Requires the trait.
@available(*, unavailable, message: "PostgresStore needs the trait: .package(…, traits: [\"PostgreSQL\"])")
public final class PostgresStore {}
#endif
