#if PostgreSQL
internal import CLibPQ
internal import Dispatch
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A statement with its parameters.
struct PostgresStatement {
    let sql: String
    let parameters: [PostgresParameter]

    init(_ sql: String, _ parameters: [PostgresParameter]) {
        self.sql = sql
        self.parameters = parameters
    }

    init(_ sql: String, _ parameters: PostgresParameter...) { self.init(sql, parameters) }
}

/// A connection, used by one thread at a time.
///
/// Statements are sent together, and their results arrive together (libpq's pipeline mode), so that a batch costs one
/// round trip.
@safe final class PostgresConnection {
    private let handle: OpaquePointer
    /// Names of the statements that the server has planned; `nil` when a pooler may assign each transaction another
    /// server.
    private var prepared: [String: String]?
    private var lastName = 0
    /// When the current call is abandoned.
    var deadline = ContinuousClock.now
    /// Whether a commit of the current transaction was sent.
    var isCommitting = false
    private let notices = Notices()
    /// Whether the connection is no longer usable.
    private(set) var isBroken = false

    /// Connects.
    ///
    /// - Parameter configuration: The server.
    /// - Throws: ``PostgresError``.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        // The options before the connection string are defaults, which it may override.
        let options: [(String, String)] = [
            ("fallback_application_name", "taskflow-webhooks"),
            ("connect_timeout", String(max(2, configuration.connectTimeout.components.seconds))),
            ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", String(configuration.longCallTimeout.milliseconds)),
            ("dbname", configuration.connection), ("client_encoding", "UTF8"),
        ]
        let handle = unsafe Self.connect(options)
        guard let handle = unsafe handle else {
            throw PostgresError(.unavailable, "libpq is out of memory", hint: "Free memory.")
        }
        guard unsafe PQstatus(handle) == CONNECTION_OK, unsafe PQsetnonblocking(handle, 1) == 0,
            unsafe PQenterPipelineMode(handle) == 1
        else {
            let message = unsafe String(cString: PQerrorMessage(handle))
            unsafe PQfinish(handle)
            throw PostgresError(
                .unavailable, "No connection: \(message.trimmed)",
                hint: "Check the connection string, and that the server accepts connections from this host.")
        }
        unsafe self.handle = handle
        unsafe PQsetNoticeReceiver(handle, Self.receiveNotice, Unmanaged.passUnretained(notices).toOpaque())
        self.prepared = configuration.usesTransactionPooler ? nil : [:]
    }

    deinit { unsafe PQfinish(handle) }

    private static func connect(_ options: [(String, String)]) -> OpaquePointer? {
        let keys = unsafe options.map { unsafe strdup($0.0) }
        let values = unsafe options.map { unsafe strdup($0.1) }
        defer { unsafe (keys + values).forEach { unsafe free($0) } }
        let ended: UnsafePointer<CChar>? = nil
        let keyPointers = unsafe keys.map { unsafe UnsafePointer($0) } + [ended]
        let valuePointers = unsafe values.map { unsafe UnsafePointer($0) } + [ended]
        return unsafe PQconnectdbParams(keyPointers, valuePointers, 1)
    }

    // MARK: - Statements

    /// Sends statements together and waits for all their results, until ``deadline``.
    ///
    /// Outside a transaction they form one: all of them take effect, or none.
    ///
    /// - Parameters:
    ///   - statements: The statements.
    ///   - requiresStandby: Whether a commit that a synchronous standby has not confirmed is a failure.
    /// - Returns: One result per statement.
    /// - Throws: ``PostgresError``: the first statement that the server rejected, or a broken connection.
    func run(
        _ statements: [PostgresStatement], requiresStandby: Bool = true
    ) throws(PostgresError) -> [PostgresResult] {
        guard ContinuousClock.now < deadline else {
            throw PostgresError(
                .timedOut, "The call timed out before it started", hint: "Nothing was changed; repeat the call.")
        }
        // One entry per expected result: the text of a statement to be planned, or `nil` for an execution.
        var expected: [String?] = []
        for statement in statements {
            if try plan(statement) { expected.append(statement.sql) }
            expected.append(nil)
            try send(statement)
        }
        guard unsafe PQpipelineSync(handle) == 1 else { throw lost() }
        try flush()
        var results: [PostgresResult] = []
        var failure: PostgresError?
        for newSQL in expected {
            let result = unsafe try nextResult()
            let status = unsafe PQresultStatus(result)
            if status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK {
                let kept = unsafe PostgresResult(result)
                if newSQL == nil { results.append(kept) }
            } else {
                if status != PGRES_PIPELINE_ABORTED, failure == nil { failure = unsafe error(of: result) }
                unsafe PQclear(result)
                if let newSQL { prepared?[newSQL] = nil }
            }
            guard unsafe PQgetResult(handle) == nil else { throw lost() }
        }
        let end = unsafe try nextResult()
        defer { unsafe PQclear(end) }
        guard unsafe PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw lost() }
        if let failure {
            if failure.endsConnection { isBroken = true }
            throw failure
        }
        if notices.takeUnreplicated(), requiresStandby {
            throw PostgresError(
                .timedOut, "The standby did not confirm the commit in time",
                hint: "The commit is on this server only, and is lost if this server is; repeat the call.")
        }
        return results
    }

    /// Collects the server's notices.
    private final class Notices {
        var isUnreplicated = false

        func takeUnreplicated() -> Bool {
            defer { isUnreplicated = false }
            return isUnreplicated
        }
    }

    /// Records notices that the synchronous standby did not confirm a commit.
    ///
    /// A server that stops waiting reports success with a warning. The text of the warning depends on the server's
    /// language, but the name of the function that raises it does not.
    private static let receiveNotice: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Void = {
        context, result in
        guard let context = unsafe context,
            let source = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "R"))),
            unsafe strcmp(source, "SyncRepWaitForLSN") == 0
        else { return }
        unsafe Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().isUnreplicated = true
    }

    /// Runs one statement.
    func run(_ statement: PostgresStatement) throws(PostgresError) -> PostgresResult {
        guard let result = try run([statement]).first else { throw lost() }
        return result
    }

    /// Asks the server to plan a statement that it does not know yet.
    private func plan(_ statement: PostgresStatement) throws(PostgresError) -> Bool {
        guard let known = prepared, known[statement.sql] == nil, !statement.parameters.isEmpty else { return false }
        lastName += 1
        let name = "taskflow_\(lastName)"
        let types = statement.parameters.map(\.type)
        guard unsafe PQsendPrepare(handle, name, statement.sql, Int32(types.count), types) == 1 else { throw lost() }
        // Recorded before the result arrives, because the same statement may occur twice in one batch.
        prepared?[statement.sql] = name
        return true
    }

    private func send(_ statement: PostgresStatement) throws(PostgresError) {
        let parameters = statement.parameters
        let lengths = parameters.map { Int32(clamping: $0.value?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        var offsets: [Int?] = []
        var packed: [UInt8] = []
        packed.reserveCapacity(lengths.reduce(1) { $0 + Int($1) })
        for parameter in parameters {
            offsets.append(parameter.value.map { _ in packed.count })
            packed += parameter.value ?? []
        }
        // An empty value is not NULL, so it needs an address.
        packed.append(0)
        let name = prepared?[statement.sql]
        let sent = unsafe packed.withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe offsets.map { offset in unsafe offset.flatMap { unsafe start?.advanced(by: $0) } }
            if let name {
                return unsafe PQsendQueryPrepared(
                    handle, name, Int32(parameters.count), values, lengths, formats, 1)
            }
            return unsafe PQsendQueryParams(
                handle, statement.sql, Int32(parameters.count), parameters.map(\.type), values, lengths, formats, 1)
        }
        guard sent == 1 else { throw lost() }
    }

    // MARK: - Waiting

    private func flush() throws(PostgresError) {
        while true {
            switch unsafe PQflush(handle) {
            case 0: return
            case 1:
                // A server with results to write may not read until they are consumed.
                if try wait(for: Int16(POLLIN | POLLOUT)) & Int16(POLLIN) != 0, unsafe PQconsumeInput(handle) == 0 {
                    throw lost()
                }
            default: throw lost()
            }
        }
    }

    private func nextResult() throws(PostgresError) -> OpaquePointer {
        while unsafe PQisBusy(handle) == 1 {
            _ = try wait(for: Int16(POLLIN))
            guard unsafe PQconsumeInput(handle) == 1 else { throw lost() }
        }
        guard let result = unsafe PQgetResult(handle) else { throw lost() }
        return unsafe result
    }

    /// Waits until the socket is ready; throws when the server does not answer before the deadline.
    private func wait(for events: Int16) throws(PostgresError) -> Int16 {
        var entry = unsafe pollfd(fd: PQsocket(handle), events: events, revents: 0)
        while true {
            let milliseconds = (deadline - ContinuousClock.now).milliseconds + 1
            guard milliseconds > 0 else {
                isBroken = true
                throw PostgresError(
                    .timedOut, "The server did not answer in time",
                    hint: "The call may or may not have been committed; it can be repeated.")
            }
            let count = unsafe poll(&entry, 1, Int32(clamping: milliseconds))
            if count > 0 { return entry.revents }
            if count < 0, errno != EINTR { throw lost() }
        }
    }

    // MARK: - Notifications

    /// The socket to watch for input.
    var socket: Int32 { unsafe PQsocket(handle) }

    /// Reads the available input; returns whether it contained a notification.
    func takeNotifications() throws(PostgresError) -> Bool {
        guard unsafe PQconsumeInput(handle) == 1 else { throw lost() }
        var found = false
        while let notification = unsafe PQnotifies(handle) {
            unsafe PQfreemem(notification)
            found = true
        }
        return found
    }

    // MARK: - Failures

    private func lost() -> PostgresError {
        isBroken = true
        let message = unsafe String(cString: PQerrorMessage(handle))
        return PostgresError(
            .connectionLost, "The connection broke: \(message.trimmed)",
            hint: "The call may or may not have been committed; it can be repeated.")
    }

    private func error(of result: OpaquePointer) -> PostgresError {
        func field(_ code: Character) -> String? {
            unsafe PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { unsafe String(cString: $0) }
        }
        let message = unsafe field("M") ?? String(cString: PQresultErrorMessage(result)).trimmed
        return .server(sqlState: field("C"), message)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension String {
    /// The text without the line breaks at the end of libpq's messages.
    fileprivate var trimmed: String {
        split(separator: "\n").joined(separator: "; ")
    }
}
#endif
