#if PostgreSQL
import CLibPQ
import Testing
import WebhookPostgreSQL

/// A process that stopped in the middle of a call: the server has run its statements, and waits for the rest.
///
/// The server does not consider it idle in a transaction, so none of its timeouts applies.
@safe final class StoppedClient {
    private let handle: OpaquePointer
    private var isOpen = true

    init(_ statements: [String], configuration: PostgresConfiguration) throws {
        unsafe handle = try #require(unsafe PQconnectdb(configuration.connection))
        try #require(unsafe PQsetnonblocking(handle, 1) == 0 && PQenterPipelineMode(handle) == 1)
        for statement in statements {
            #expect(unsafe PQsendQueryParams(handle, statement, 0, nil, nil, nil, nil, 1) == 1)
        }
        while unsafe PQflush(handle) == 1 {}
    }

    deinit { close() }

    /// Ends the process, which rolls back its transaction.
    func close() {
        if isOpen { unsafe PQfinish(handle) }
        isOpen = false
    }
}
#endif
