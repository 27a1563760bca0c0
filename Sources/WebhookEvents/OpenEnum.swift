/// A set of named values that grows: values that were added after this code was built are kept, not refused.
public protocol OpenEnum: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible
where RawValue == String {
    /// Creates a value from its name, documented or not.
    init(rawValue: String)

    /// The values that are documented today.
    static var known: [Self] { get }
}

extension OpenEnum {
    /// The value's name.
    public var description: String { rawValue }

    /// Whether the value is documented today.
    public var isKnown: Bool { Self.known.contains(self) }
}
