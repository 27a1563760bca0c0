#if PostgreSQL
import CLibPQ
import Testing
import WebhookPostgreSQL

/// A process that stopped in the middle of what it sends: the server has run its statements, and waits for the rest.
///
/// To the server it is not idle in a transaction, so none of its timeouts holds.
@safe final class HalfSent {
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

    /// Ends the process: what it had begun is rolled back.
    func close() {
        if isOpen { unsafe PQfinish(handle) }
        isOpen = false
    }
}
#endif
