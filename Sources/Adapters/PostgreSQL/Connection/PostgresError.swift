#if PostgreSQL
public import WebhookEvents
internal import WebhookDelivery

/// A failure between the store and its server.
public struct PostgresError: WebhookError, Hashable {
    /// The kinds of failure.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// No connection could be opened, or none became free in time.
        case unavailable
        /// The connection broke; the call may or may not have been committed.
        case connectionLost = "connection_lost"
        /// The server did not answer in time; the call may or may not have been committed.
        case timedOut = "timed_out"
        /// The server rejected a statement; nothing was changed.
        case refused
        /// The server's tables do not match this version of the library.
        case schemaMismatch = "schema_mismatch"
        /// The server returned an unexpected result.
        case unexpectedReply = "unexpected_reply"
        /// The store's configuration is invalid.
        case invalidConfiguration = "invalid_configuration"
    }

    /// The kind of failure.
    public let code: Code
    /// The server's five-character code, for example `53100` for a full disk; `nil` when the server did not report the
    /// failure.
    public let sqlState: String?
    /// A description of the failure.
    public let message: String
    /// How to resolve it.
    public let hint: String

    init(_ code: Code, _ message: String, hint: String, sqlState: String? = nil) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.hint = hint
    }

    /// The message with its hint.
    public var description: String {
        "\(message) (\(code.rawValue)\(sqlState.map { ", SQLSTATE \($0)" } ?? "")). \(hint)"
    }
}

extension PostgresError {
    /// Whether the whole transaction may be repeated immediately: it lost a conflict, and nothing was changed.
    var isConflict: Bool { ["40001", "40P01"].contains(sqlState) || isLockTimeout }

    /// Whether another transaction held a required lock for longer than this one waits.
    var isLockTimeout: Bool { sqlState == "55P03" }

    /// Whether the store must find another server: this one is shutting down, or has become a replica.
    var endsConnection: Bool {
        guard let sqlState else { return code == .connectionLost }
        return sqlState == "25006" || sqlState.hasPrefix("57P") || sqlState.hasPrefix("08")
    }

    static func server(sqlState: String?, _ message: String) -> PostgresError {
        PostgresError(
            .refused, "PostgreSQL reported an error: \(message)", hint: hint(for: sqlState ?? ""), sqlState: sqlState)
    }

    private static func hint(for sqlState: String) -> String {
        switch sqlState {
        case "25006": "The server is a read-only replica. Add target_session_attrs=read-write to the connection string."
        case "42501": "The role lacks a privilege: see the roles in Docs/PostgreSQL.md."
        case "42P01", "42883", "3F000":
            "The tables do not exist: call PostgresStore.migrate first, with the same schema."
        case "53100", "53200": "The server is out of disk space or memory. Nothing was lost; the call can be repeated."
        case "53300": "The server is out of connections: lower `connections`, or use a pooler."
        case "57014": "The call took longer than `callTimeout` or `longCallTimeout`."
        default: "The call can be repeated."
        }
    }

    static func unreadable(_ table: String, _ id: String) -> PostgresError {
        PostgresError(
            .unexpectedReply, "The row \(id) of \(table) is unreadable",
            hint: "It was changed by hand or by a later version.")
    }
}

extension PostgresError: TransientError {
    /// Whether the server's state caused it: unreachable, too slow, out of space, or busy with another transaction.
    package var isTransient: Bool {
        code != .refused || isConflict || endsConnection || ["53", "57", "58"].contains(sqlState?.prefix(2) ?? "")
    }
}
#endif
