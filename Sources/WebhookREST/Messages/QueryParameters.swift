internal import WebhookPayload

/// The query parameters of a request; each is known to its route and appears once.
struct QueryParameters {
    private var values: [String: String] = [:]

    /// Parses a query.
    ///
    /// An unknown parameter is an error: ignoring a misspelt filter would return too much.
    init(_ query: String, known: Set<String>) throws(Problem) {
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(halves[0], plusIsSpace: true),
                let value = PercentEncoding.decode(halves.count > 1 ? halves[1] : "", plusIsSpace: true)
            else { throw .invalidParameter(String(halves[0]), "is not percent-encoded UTF-8.") }
            guard known.contains(name) else {
                let names = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
                throw .invalidParameter(name, "is unknown. Known parameters: \(names).")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalidParameter(name, "appears twice.")
            }
        }
    }

    /// Returns the parsed value of a parameter.
    ///
    /// - Parameters:
    ///   - name: The parameter.
    ///   - expected: A description of valid values, for people.
    ///   - read: Parses the text; returns `nil` if it is invalid.
    /// - Returns: The value, or `nil` if the parameter is absent.
    /// - Throws: `Problem` if the value is invalid.
    func value<Value>(
        _ name: String, expected: String, _ read: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = read(text) else {
            let hint = text.contains(" ") ? " A “+” in a query means a space; encode it as “%2B”." : ""
            throw .invalidParameter(name, "must be \(expected).\(hint)")
        }
        return value
    }
}

/// Percent-encoding (RFC 3986).
enum PercentEncoding {
    /// Returns the decoded text, or `nil` if it is malformed or not UTF-8.
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
