#if PostgreSQL
internal import WebhookDelivery

/// What went wrong between the store and its server.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// No connection could be made, or none became free in time.
        case unavailable
        /// The connection broke; what was under way may have been committed or not.
        case connectionLost = "connection_lost"
        /// The server did not answer in time; what was under way may have been committed or not.
        case timedOut = "timed_out"
        /// The server refused a statement; nothing was changed.
        case refused
        /// The server's tables are not those of this version of the library.
        case schemaMismatch = "schema_mismatch"
        /// The server answered with something else than was asked for.
        case unexpectedReply = "unexpected_reply"
        /// The store was configured with something that cannot work.
        case invalidConfiguration = "invalid_configuration"
    }

    /// What kind of failure it is.
    public let code: Code
    /// The server's five characters for it, for example `53100` for a full disk; `nil` when it did not come from the server.
    public let sqlState: String?
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String

    init(_ code: Code, _ message: String, hint: String, sqlState: String? = nil) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.hint = hint
    }

    /// The failure with its hint.
    public var description: String {
        "\(message) (\(code.rawValue)\(sqlState.map { ", SQLSTATE \($0)" } ?? "")). \(hint)"
    }
}

extension PostgresError {
    /// Whether the whole transaction may be tried again at once: it lost against another one, and nothing was changed.
    var isConflict: Bool { ["40001", "40P01"].contains(sqlState) || hasWaitedTooLong }

    /// Whether another transaction held what it needs for longer than it waits.
    var hasWaitedTooLong: Bool { sqlState == "55P03" }

    /// Whether the server is no longer the one to talk to: it is going down, or has become a replica.
    var endsConnection: Bool {
        guard let sqlState else { return code == .connectionLost }
        return sqlState == "25006" || sqlState.hasPrefix("57P") || sqlState.hasPrefix("08")
    }

    static func server(sqlState: String?, _ message: String) -> PostgresError {
        PostgresError(.refused, "PostgreSQL refused: \(message)", hint: hint(for: sqlState ?? ""), sqlState: sqlState)
    }

    private static func hint(for sqlState: String) -> String {
        switch sqlState {
        case "25006": "The server is a read-only replica. Add target_session_attrs=read-write to the connection string."
        case "42501": "The role lacks a right: see the roles in Docs/PostgreSQL.md."
        case "42P01", "42883", "3F000":
            "The tables are not there: call PostgresStore.migrate first, with the same schema."
        case "53100", "53200": "The server has no room left. Nothing was lost; the call can be repeated."
        case "53300": "The server has no connection left: lower `connections`, or put a pooler between."
        case "57014": "It took longer than `callTimeout` or `longCallTimeout`."
        default: "The call can be repeated: every intention of a store may be."
        }
    }

    static func unreadable(_ table: String, _ id: String) -> PostgresError {
        PostgresError(
            .unexpectedReply, "The row \(id) of \(table) cannot be read",
            hint: "It was changed by hand or by a later version.")
    }
}

extension PostgresError: TransientError {
    /// Whether it is for the server's state: not reachable, too slow, out of room, or at work for another transaction.
    package var isTransient: Bool {
        code != .refused || isConflict || endsConnection || ["53", "57", "58"].contains(sqlState?.prefix(2) ?? "")
    }
}
#endif
