internal import WebhookPayload

/// The parameters behind the `?`: each is known to its route, and is there once.
struct QueryParameters {
    private var values: [String: String] = [:]

    /// Takes a query apart.
    ///
    /// A parameter that nobody knows is an error: a misspelt filter would answer with too much.
    init(_ query: String, known: Set<String>) throws(Problem) {
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(halves[0], plusIsSpace: true),
                let value = PercentEncoding.decode(halves.count > 1 ? halves[1] : "", plusIsSpace: true)
            else { throw .invalidParameter(String(halves[0]), "it is not percent-encoded UTF-8.") }
            guard known.contains(name) else {
                let names = known.isEmpty ? "None" : known.sorted().joined(separator: ", ")
                throw .invalidParameter(name, "nobody knows it. Known here: \(names).")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalidParameter(name, "it is there twice.")
            }
        }
    }

    /// The value of a parameter, read in one of its forms.
    ///
    /// - Parameters:
    ///   - name: The parameter.
    ///   - expected: What it must be, for people.
    ///   - read: Reads it; `nil` when it is something else.
    /// - Returns: The value, or `nil` when the parameter is not there.
    /// - Throws: `Problem` when it is something else.
    func value<Value>(
        _ name: String, expected: String, _ read: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = read(text) else {
            let hint = text.contains(" ") ? " A “+” in a query means a space: write it as “%2B”." : ""
            throw .invalidParameter(name, "it must be \(expected).\(hint)")
        }
        return value
    }
}

/// Percent-encoding of RFC 3986.
enum PercentEncoding {
    /// The text that stands there, or `nil` when it is malformed or no UTF-8.
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
