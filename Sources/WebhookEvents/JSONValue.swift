/// A JSON value of any shape, for the parts of a payload that users define (custom fields, changes, inputs).
///
/// Members keep their order and numbers their exact text, so a value is unchanged after it is read and written.
public enum JSONValue: Sendable, Hashable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, with its digits as written.
    case number(JSONValue.Number)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, in the order of its members.
    case object(JSONValue.Members)
}

extension JSONValue {
    /// The text of a string, or `nil` for any other value.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The value of an integer, or `nil` for any other value.
    public var integer: Int? { if case .number(let number) = self { number.integer } else { nil } }
    /// The value of `true` or `false`, or `nil` for any other value.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements of an array, or `nil` for any other value.
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    /// The members of an object, or `nil` for any other value.
    public var object: JSONValue.Members? { if case .object(let members) = self { members } else { nil } }

    /// The value of an object's member, or `nil` if there is none.
    ///
    /// - Parameter name: The member's name.
    public subscript(name: String) -> JSONValue? { object?[name] }
}

extension JSONValue {
    /// The members of a JSON object, in order; names are unique.
    public struct Members: Sendable, Hashable {
        /// One member: its name and its value.
        public struct Member: Sendable, Hashable {
            /// The member's name.
            public let name: String
            /// The member's value.
            public let value: JSONValue
        }

        /// The members in order.
        public private(set) var members: [Member] = []

        /// Creates an object without members.
        public init() {}

        /// The value of a member, or `nil` if there is none.
        ///
        /// Setting a value replaces it in place or appends a member; setting `nil` removes the member.
        public subscript(name: String) -> JSONValue? {
            get { members.first { $0.name == name }?.value }
            set {
                let index = members.firstIndex { $0.name == name }
                switch (index, newValue) {
                case (let index?, let value?): members[index] = Member(name: name, value: value)
                case (let index?, nil): members.remove(at: index)
                case (nil, let value?): members.append(Member(name: name, value: value))
                case (nil, nil): break
                }
            }
        }

        /// Appends a member whose name is known to be new.
        package mutating func append(name: String, value: JSONValue) {
            members.append(Member(name: name, value: value))
        }
    }
}

extension JSONValue.Members: ExpressibleByDictionaryLiteral {
    /// Creates an object from a literal; a repeated name keeps the last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (name, value) in elements { self[name] = value }
    }
}

extension JSONValue {
    /// A JSON number, kept as written.
    ///
    /// Converting it to `Double` and back would change large integers and long decimals.
    public struct Number: Sendable, Hashable {
        /// The number in the syntax of RFC 8259.
        public let text: String

        /// Creates a number from text that is known to be a JSON number.
        package init(unchecked text: String) { self.text = text }

        /// Creates an integer.
        ///
        /// - Parameter value: The value.
        public init(_ value: some BinaryInteger) { self.text = String(value) }

        /// Creates a number from a `Double`, or returns `nil` for infinities and NaN, which JSON does not have.
        ///
        /// - Parameter value: The value.
        public init?(_ value: Double) {
            guard value.isFinite else { return nil }
            self.text = "\(value)"
        }

        /// The value of an integer in any notation (`5`, `5.0`, `0.5e1`), or `nil` if it is not whole or does not fit.
        public var integer: Int? { WholeNumber.read(text.utf8) }

        /// The nearest `Double`, or `nil` if the number is out of range.
        public var double: Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an integer.
    public init(integerLiteral value: Int) { self = .number(JSONValue.Number(value)) }
    /// Creates `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates `null`.
    public init(nilLiteral: ()) { self = .null }
    /// Creates an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Creates an object; a repeated name keeps the last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var members = JSONValue.Members()
        for (name, value) in elements { members[name] = value }
        self = .object(members)
    }
}
