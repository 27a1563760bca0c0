#if PostgreSQL
internal import CLibPQ

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where the server is and how it is used, never the password.
    public var description: String {
        let fields = shown.map { "\($0.label): \($0.value)" }
        return "PostgresConfiguration(\(fields.joined(separator: ", ")))"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// Where the server is and how it is used, never the password.
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

    /// Refuses a connection string that libpq cannot read.
    ///
    /// libpq's own messages quote the part that they stumble over, which may be a password with a space or an `@` in it.
    func checkConnection() throws(PostgresError) {
        guard ConnectionOptions(connection) != nil else {
            throw PostgresError(
                .invalidConfiguration, "The connection string cannot be read",
                hint: "Quote values that have spaces (password='…'), and percent-encode what stands in a URI.")
        }
    }
}

/// What a connection string says, as libpq reads it.
private struct ConnectionOptions {
    private var values: [String: String] = [:]

    /// Reads a connection string; `nil` when libpq cannot, or when a part seems to be where it does not belong.
    init?(_ connection: String) {
        // libpq reads a text without `=` that is no URI as the name of a database.
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
        // In postgresql://user:pass/word@host the port is "pass", and of pa@ss the host begins with "ss@". Libpq's messages quote
        // hosts, ports and databases.
        let isMisplaced = isURI && ["host", "dbname"].contains { values[$0]?.contains("@") == true }
        let isPort = (values["port"] ?? "").utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ",") }
        guard isPort, !isMisplaced else { return nil }
    }

    /// The options that say where the server is.
    var shown: String {
        let known = Self.shownOptions.compactMap { name in values[name].map { "\(name)=\($0)" } }
        let hidden = values.count - known.count
        return (known + (hidden > 0 ? ["\(hidden) more hidden"] : [])).joined(separator: " ")
    }

    private static let shownOptions = ["host", "hostaddr", "port", "dbname", "user", "sslmode"]
}

extension PostgresStore: CustomReflectable {
    /// The configuration; waiting commits hold secrets and bodies and are not shown.
    public var customMirror: Mirror { Mirror(self, children: ["configuration": configuration]) }
}
#endif
