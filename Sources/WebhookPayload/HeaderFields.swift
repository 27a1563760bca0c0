/// The header fields of a request or response, in order, with case-insensitive names.
public struct HeaderFields: Sendable, Hashable {
    /// One field line.
    public struct Field: Sendable, Hashable {
        /// The name as given.
        public let name: String
        /// The value as given.
        public let value: String
        /// The length of the name, stored so that a search reads only strings that may match.
        fileprivate let nameLength: Int

        init(name: String, value: String) {
            self.name = name
            self.value = value
            self.nameLength = name.utf8.count
        }

        /// Returns whether the field has a name; as in RFC 9110, the case of ASCII letters is ignored.
        package func isNamed(_ other: String) -> Bool {
            guard nameLength == other.utf8.count else { return false }
            if name == other { return true }
            return unsafe name.withBytes { name in
                unsafe other.withBytes { other in
                    for index in 0..<name.count {
                        let (one, two) = unsafe (name[index], other[index])
                        guard one == two || HeaderFields.lowercase(one) == HeaderFields.lowercase(two) else {
                            return false
                        }
                    }
                    return true
                }
            }
        }
    }

    /// The field lines in order.
    public private(set) var lines: [Field] = []

    /// Creates an empty set of fields.
    public init() {}

    /// Creates fields from pairs of name and value, as most server frameworks provide them.
    ///
    /// - Parameter pairs: Pairs of name and value, in order; a name may occur more than once.
    public init(_ pairs: some Sequence<(String, String)>) {
        for (name, value) in pairs { append(name, value) }
    }

    /// Creates fields from a dictionary, as some server frameworks provide them.
    ///
    /// - Parameter dictionary: The values by name.
    public init(_ dictionary: [String: String]) {
        for (name, value) in dictionary { append(name, value) }
    }

    /// Appends a field line.
    ///
    /// - Parameters:
    ///   - name: The field's name.
    ///   - value: The field's value.
    public mutating func append(_ name: String, _ value: String) {
        lines.append(Field(name: name, value: value))
    }

    /// Returns the values of all lines with a name, in order.
    ///
    /// - Parameter name: The name, in any case.
    /// - Returns: The values.
    public func values(_ name: String) -> [String] {
        lines.filter { $0.isNamed(name) }.map(\.value)
    }

    /// The occurrences of a field that must occur exactly once.
    package enum Occurrence {
        case missing
        case once(String)
        case repeated
    }

    /// Finds a field that must occur exactly once; two readers could choose different ones of two signatures.
    package func occurrence(of name: String) -> Occurrence {
        var result = Occurrence.missing
        let length = name.utf8.count
        for index in lines.indices where lines[index].nameLength == length && lines[index].isNamed(name) {
            guard case .missing = result else { return .repeated }
            result = .once(lines[index].value)
        }
        return result
    }

    /// The value of the first line with a name.
    public subscript(name: String) -> String? {
        let length = name.utf8.count
        for index in lines.indices where lines[index].nameLength == length && lines[index].isNamed(name) {
            return lines[index].value
        }
        return nil
    }

    fileprivate static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension HeaderFields {
    /// Whether a body is declared as JSON, or not declared at all.
    package var allowsJSON: Bool {
        guard let mediaType = self[HeaderName.contentType]?.prefix(while: { $0 != ";" }) else { return true }
        let words = mediaType.split { $0 == " " || $0 == "\t" }
        return words.count == 1 && words[0].lowercased() == "application/json"
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    /// Creates fields from a literal, in the order written.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }
}
