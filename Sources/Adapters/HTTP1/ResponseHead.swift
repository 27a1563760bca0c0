package import WebhookPayload

/// The status line and the header fields of a response (RFC 9112, sections 4 and 5).
///
/// The status line must be valid. A malformed field only prevents reuse of the connection, because the outcome is known
/// without it.
package struct ResponseHead {
    /// The maximum number of stored fields, not counting those that frame the body or contain the time to retry.
    package static let maximumFieldCount = 100
    /// The names of the fields that are always stored, wherever they appear.
    private static let important: Set = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "retry-after",
    ]

    /// The status, 100 to 999.
    package let status: Int
    package let fields: HeaderFields
    /// Whether the server uses HTTP/1.1 instead of 1.0.
    let isCurrentVersion: Bool
    /// Whether every line is well-formed; a server that sends malformed lines may also send wrong lengths.
    let isClean: Bool

    /// Parses a head, including the empty line at its end.
    init(_ bytes: ArraySlice<UInt8>) throws(ResponseParser.Invalid) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        var isClean = true
        for index in lines.indices {
            if lines[index].last == UInt8(ascii: "\r") { lines[index].removeLast() } else { isClean = false }
        }
        guard let statusLine = lines.popFirst() else { throw .malformed }
        (isCurrentVersion, status) = try Self.statusLine(statusLine)
        let unfolded = Self.unfolded(lines.dropLast())
        var fields = HeaderFields()
        for line in unfolded {
            guard let field = Self.field(line) else {
                isClean = false
                continue
            }
            if fields.lines.count < Self.maximumFieldCount || Self.important.contains(field.name.lowercased()) {
                fields.append(field.name, field.value)
            }
            isClean = isClean && field.isClean
        }
        self.fields = fields
        self.isClean = isClean && unfolded.count == lines.count - 1
    }

    /// Whether the server keeps the connection open.
    var keepsAlive: Bool {
        isCurrentVersion && isClean && !fields.list("Connection").contains("close")
    }

    /// The announced time for which the server keeps an idle connection, in seconds, as in `Keep-Alive: timeout=5`
    /// (RFC 2068, section 19.7.1).
    package var keepAliveTime: Int? {
        for member in fields.list("Keep-Alive") {
            let parts = member.split(separator: "=", maxSplits: 1).map(\.trimmed)
            guard parts.count == 2, parts[0] == "timeout", let seconds = UInt16(parts[1]) else { continue }
            return Int(seconds)
        }
        return nil
    }

    /// Parses a status line such as `HTTP/1.1 200 OK`; the reason and the space before it may be missing.
    private static func statusLine(_ line: ArraySlice<UInt8>) throws(ResponseParser.Invalid) -> (Bool, Int) {
        let bytes = Array(line)
        guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), isDigit(bytes[7]), bytes[8] == UInt8(ascii: " "),
            isDigit(bytes[9]), bytes[9] != UInt8(ascii: "0"), isDigit(bytes[10]), isDigit(bytes[11]),
            bytes.count == 12 || bytes[12] == UInt8(ascii: " "), bytes.allSatisfy(isText)
        else { throw .malformed }
        let status = bytes[9...11].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return (bytes[7] != UInt8(ascii: "0"), status)
    }

    /// Joins folded lines: a line that begins with a blank continues the previous field (RFC 9112, section 5.2).
    private static func unfolded(_ lines: ArraySlice<ArraySlice<UInt8>>) -> [ArraySlice<UInt8>] {
        var unfolded: [ArraySlice<UInt8>] = []
        for line in lines {
            if let first = line.first, isBlank(first), var field = unfolded.popLast() {
                field += [0x20] + line.drop(while: isBlank)
                unfolded.append(field)
            } else {
                unfolded.append(line)
            }
        }
        return unfolded
    }

    /// Parses a field, or returns `nil` if the line is not one.
    ///
    /// A field with a space before the colon is not clean, because parsers may disagree about its name.
    private static func field(_ line: ArraySlice<UInt8>) -> (name: String, value: String, isClean: Bool)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), line.allSatisfy(isText) else { return nil }
        let name = line[..<colon].trimmed(isBlank)
        guard !name.isEmpty, name.startIndex == line.startIndex, name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return (
            String(decoding: name, as: UTF8.self),
            String(decoding: line[(colon + 1)...].trimmed(isBlank), as: UTF8.self), name.endIndex == colon
        )
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    /// Returns whether a byte is not a control character; the tab is allowed.
    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }
}

extension ResponseParser.Invalid {
    fileprivate static var malformed: ResponseParser.Invalid {
        ResponseParser.Invalid(message: "The server does not speak HTTP/1.1")
    }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmed(_ isBlank: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = drop(while: isBlank)
        return start[..<(start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex)]
    }
}

extension StringProtocol {
    /// The text without leading and trailing spaces and tabs.
    var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(String(start.reversed().drop { $0 == " " || $0 == "\t" }).reversed())
    }
}
