package import WebhookPayload

/// The status line and the fields of a response (RFC 9112, sections 4 and 5).
package struct ResponseHead {
    /// The most fields.
    package static let maximumFieldCount = 100

    /// The status, 100 to 999.
    package let status: Int
    package let fields: HeaderFields
    /// Whether the peer speaks HTTP/1.1, and not 1.0.
    let isCurrentVersion: Bool
    /// Whether every line ended as it should; a peer that is careless there may be careless about lengths.
    let isClean: Bool

    /// Reads a head, the empty line at its end included.
    init(_ bytes: ArraySlice<UInt8>) throws(ResponseParser.Invalid) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        var isClean = true
        for index in lines.indices {
            if lines[index].last == UInt8(ascii: "\r") { lines[index].removeLast() } else { isClean = false }
        }
        guard let statusLine = lines.popFirst() else { throw .malformed }
        guard lines.count <= Self.maximumFieldCount + 1 else {
            throw ResponseParser.Invalid(message: "The head has too many fields")
        }
        (isCurrentVersion, status) = try Self.statusLine(statusLine)
        var fields = HeaderFields()
        for line in lines.dropLast() {
            let (name, value) = try Self.field(line)
            fields.append(name, value)
        }
        self.fields = fields
        self.isClean = isClean
    }

    /// Whether the peer leaves the connection open.
    var keepsAlive: Bool {
        isCurrentVersion && isClean
            && !fields.values("Connection").contains { value in
                value.split(separator: ",").contains { $0.lowercased().trimmed == "close" }
            }
    }

    /// `HTTP/1.1 200 OK`; the reason may be missing, and with it the space before it.
    private static func statusLine(_ line: ArraySlice<UInt8>) throws(ResponseParser.Invalid) -> (Bool, Int) {
        let bytes = Array(line)
        guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), isDigit(bytes[7]), bytes[8] == UInt8(ascii: " "),
            isDigit(bytes[9]), bytes[9] != UInt8(ascii: "0"), isDigit(bytes[10]), isDigit(bytes[11]),
            bytes.count == 12 || bytes[12] == UInt8(ascii: " "), bytes.allSatisfy(isText)
        else { throw .malformed }
        let status = bytes[9...11].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return (bytes[7] != UInt8(ascii: "0"), status)
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(ResponseParser.Invalid) -> (String, String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy({ (0x21...0x7E).contains($0) }), line.allSatisfy(isText)
        else { throw .malformed }
        let value = line[(colon + 1)...].drop(while: isBlank)
        let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex
        return (
            String(decoding: line[..<colon], as: UTF8.self), String(decoding: value[..<end], as: UTF8.self)
        )
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    /// No control characters but the tab.
    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }
}

extension ResponseParser.Invalid {
    fileprivate static var malformed: ResponseParser.Invalid {
        ResponseParser.Invalid(message: "The peer does not speak HTTP/1.1")
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(String(start.reversed().drop { $0 == " " || $0 == "\t" }).reversed())
    }
}
