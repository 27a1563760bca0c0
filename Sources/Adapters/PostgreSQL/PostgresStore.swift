#if PostgreSQL
internal import Synchronization
public import WebhookDelivery
public import WebhookEvents
public import WebhookSigning
internal import WebhookStoreKit

/// A durable store in PostgreSQL 13 or later: for hosts whose workers run on many machines.
///
/// Everything acknowledged is committed under the server's own settings for durability. Any number of processes may share the
/// tables; time is the server's, so that their clocks do not matter. Events can also be published from SQL, inside any
/// client's transaction: see `Docs/PostgreSQL.md`.
public final class PostgresStore: WebhookStore {
    let configuration: PostgresConfiguration
    let schema: PostgresSchema
    let pool: PostgresPool
    let secretColumn: SecretColumn
    private let clock: (any WebhookClock)?
    let publishes: GroupCommit<EventPublication, PublishReceipt>
    /// The account that the last claim took from those with new deliveries; the next one begins behind it.
    let lastArrived = Mutex("")
    let recoveryPace = RecoveryPace()
    private let origin = ContinuousClock.now
    /// Whether this store has tried again what an earlier version could not read.
    let hasTakenUp = Mutex(false)
    /// The most bytes of bodies in one commit, which must end within the time of a call.
    private static let bytesPerCommit = 4_000_000

    /// Creates a store; it connects when it is used first.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is, and how to use it. Its tables must be there: see ``migrate(_:)``.
    ///   - sealing: Encrypts secrets and custom header fields; without it they are in the tables as they are.
    ///   - clock: The store's time; the server's own when there is none.
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
            cost: { $0.envelope.bytes.count }, account: \.account
        ) { try await schema.publish($0, at: { clock?.now }, pool) }
    }

    /// Makes the tables, or brings them to this version of the library.
    ///
    /// Needs a role that may create a schema. Safe to call from many workers at once.
    ///
    /// - Parameter configuration: Where the server is.
    /// - Throws: ``PostgresError``.
    public static func migrate(_ configuration: PostgresConfiguration) async throws {
        try configuration.check()
        try await PostgresSchema(name: configuration.schema).migrate(configuration)
    }

    /// The store's time as a parameter; NULL stands for the server's.
    var moment: Timestamp? { clock?.now }

    /// A time that never goes back.
    var uptime: Duration { clock?.uptime ?? origin.duration(to: .now) }
}
#else
/// Needs the trait.
@available(*, unavailable, message: "PostgresStore needs the trait: .package(…, traits: [\"PostgreSQL\"])")
public final class PostgresStore {}
#endif
