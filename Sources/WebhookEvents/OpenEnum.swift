/// A set of named values that can grow.
///
/// Values that were added after this code was built are kept, not rejected.
public protocol OpenEnum: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible
where RawValue == String {
    /// Creates a value from its name, documented or not.
    init(rawValue: String)

    /// The documented values.
    static var known: [Self] { get }
}

extension OpenEnum {
    /// The value's name.
    public var description: String { rawValue }

    /// Whether the value is documented.
    public var isKnown: Bool { Self.known.contains(self) }
}
