/// The header fields of a request or response, in order, with names that do not mind their case.
public struct HeaderFields: Sendable, Hashable {
    /// One field line.
    public struct Field: Sendable, Hashable {
        /// The name as given.
        public let name: String
        /// The value as given.
        public let value: String
    }

    /// The field lines in order.
    public private(set) var fields: [Field] = []

    /// Creates an empty set of fields.
    public init() {}

    /// Creates fields from pairs of name and value, as most server frameworks give them.
    ///
    /// - Parameter pairs: Names with values, in order; a name may occur more than once.
    public init(_ pairs: some Sequence<(String, String)>) {
        for (name, value) in pairs { append(name, value) }
    }

    /// Creates fields from a dictionary, as some server frameworks give them.
    ///
    /// - Parameter dictionary: Names with values.
    public init(_ dictionary: [String: String]) {
        for (name, value) in dictionary { append(name, value) }
    }

    /// Adds a field line at the end.
    ///
    /// - Parameters:
    ///   - name: The field's name.
    ///   - value: The field's value.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The values of all lines with this name, in order.
    ///
    /// - Parameter name: The name, in any case.
    /// - Returns: The values.
    public func values(_ name: String) -> [String] {
        fields.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// The value of the first line with this name.
    public subscript(name: String) -> String? {
        fields.first { Self.isSame($0.name, name) }?.value
    }

    /// Compares names as RFC 9110 does: ASCII letters without case, every other byte as it is.
    static func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && one.utf8.elementsEqual(other.utf8) { lowercase($0) == lowercase($1) }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    /// Creates fields from a literal, in the order written.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }
}
