#if PostgreSQL
internal import CLibPQ

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The server and its settings, without the password.
    public var description: String {
        let fields = shown.map { "\($0.label): \($0.value)" }
        return "PostgresConfiguration(\(fields.joined(separator: ", ")))"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The server and its settings, without the password.
    public var customMirror: Mirror {
        Mirror(self, children: shown.map { (label: $0.label, value: $0.value as Any) }, displayStyle: .struct)
    }

    private var shown: [(label: String, value: String)] {
        [
            ("connection", shownConnection), ("schema", schema), ("connections", "\(connections)"),
            ("callTimeout", "\(callTimeout)"), ("longCallTimeout", "\(longCallTimeout)"),
            ("connectTimeout", "\(connectTimeout)"), ("usesTransactionPooler", "\(usesTransactionPooler)"),
        ]
    }

    private var shownConnection: String {
        guard let options = ConnectionOptions(connection) else { return "unreadable, \(connection.utf8.count) bytes" }
        return options.shown
    }

    /// Rejects a connection string that libpq cannot parse.
    ///
    /// libpq's own messages quote the invalid part, which may be a password that contains a space or an `@`.
    func checkConnection() throws(PostgresError) {
        guard ConnectionOptions(connection) != nil else {
            throw PostgresError(
                .invalidConfiguration, "The connection string is invalid",
                hint: "Quote values that contain spaces (password='…'), and percent-encode the parts of a URI.")
        }
    }
}

/// The options of a connection string, as libpq parses them.
private struct ConnectionOptions {
    private var values: [String: String] = [:]

    /// Parses a connection string; returns `nil` when libpq cannot, or when a part seems to be misplaced.
    init?(_ connection: String) {
        // libpq treats a string without `=` that is not a URI as the name of a database.
        let isURI = ["postgresql://", "postgres://"].contains(where: connection.hasPrefix)
        guard isURI || connection.contains("=") else {
            guard !connection.contains(where: { "@/:".contains($0) }) else { return nil }
            values["name"] = connection
            return
        }
        var message: UnsafeMutablePointer<CChar>?
        let options = unsafe PQconninfoParse(connection, &message)
        defer {
            unsafe PQconninfoFree(options)
            unsafe PQfreemem(message)
        }
        guard let first = unsafe options else { return nil }
        var option = unsafe first
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe values[String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        // In postgresql://user:pass/word@host the port is "pass", and with pa@ss the host begins with "ss@". libpq's
        // messages quote hosts, ports and databases.
        let isMisplaced = isURI && ["host", "dbname"].contains { values[$0]?.contains("@") == true }
        let isPort = (values["port"] ?? "").utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ",") }
        guard isPort, !isMisplaced else { return nil }
    }

    /// The options that identify the server.
    var shown: String {
        let known = Self.shownOptions.compactMap { name in values[name].map { "\(name)=\($0)" } }
        let hidden = values.count - known.count
        return (known + (hidden > 0 ? ["\(hidden) more hidden"] : [])).joined(separator: " ")
    }

    private static let shownOptions = ["host", "hostaddr", "port", "dbname", "user", "sslmode"]
}

extension PostgresStore: CustomReflectable {
    /// Shows the configuration only: waiting commits contain secrets and bodies.
    public var customMirror: Mirror { Mirror(self, children: ["configuration": configuration]) }
}
#endif
