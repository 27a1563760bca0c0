/// An opaque name that TaskFlow gives to one thing: an event, a webhook, a delivery, an account.
///
/// An identifier is 1 to 64 ASCII letters, digits and `_ - : ~ @ + =`. It has no dot, because Standard Webhooks joins
/// the signed parts with dots; it is ASCII, because Swift compares strings by canonical equivalence and stores do not.
public protocol WebhookIdentifier: Sendable, Hashable, Comparable, Codable, LosslessStringConvertible,
    ExpressibleByStringLiteral
{
    /// The identifier as text, already checked.
    var rawValue: String { get }

    /// Creates an identifier from text that is known to be well-formed.
    init(unchecked rawValue: String)
}

extension WebhookIdentifier {
    /// Creates an identifier, or returns `nil` when the text is not well-formed.
    ///
    /// - Parameter description: 1 to 64 of the allowed characters.
    public init?(_ description: String) {
        guard isWellFormedIdentifier(description) else { return nil }
        self.init(unchecked: description)
    }

    /// Creates an identifier from a literal in source code.
    ///
    /// - Precondition: The literal is well-formed.
    public init(stringLiteral value: StaticString) {
        let text = value.description
        precondition(isWellFormedIdentifier(text), "not an identifier: \(text)")
        self.init(unchecked: text)
    }

    /// The identifier as text.
    public var description: String { rawValue }

    /// Whether one identifier sorts before another, byte by byte.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.rawValue.utf8.lexicographicallyPrecedes(rhs.rawValue.utf8)
    }

    /// Reads and checks an identifier.
    ///
    /// - Throws: `DecodingError` when the text is not well-formed.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let identifier = try Self(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a well-formed identifier")
        }
        self = identifier
    }

    /// Writes the identifier as text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// Makes an identifier that sorts by its moment of creation: prefix, 10 characters of time, 16 of chance.
    ///
    /// The layout is ULID's (48 bits of milliseconds, 80 random bits, Crockford's base 32) in lower case: stores keep
    /// new rows together, and two hosts never meet.
    ///
    /// - Parameters:
    ///   - prefix: What kind of thing it names, for example `evt_`.
    ///   - now: The moment of creation.
    ///   - entropy: 80 bits of chance, in the low bits.
    package init(prefix: String, at now: Timestamp, entropy: UInt128) {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let milliseconds = UInt128(truncatingIfNeeded: max(0, now.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
        let value = milliseconds << 80 | entropy & (1 << 80 - 1)
        var text = Array(prefix.utf8)
        for place in stride(from: 125, through: 0, by: -5) {
            text.append(alphabet[Int(truncatingIfNeeded: value >> UInt128(place) & 31)])
        }
        self.init(unchecked: String(decoding: text, as: UTF8.self))
    }
}

private func isWellFormedIdentifier(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count) else { return false }
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"),
            UInt8(ascii: "~"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "="):
            continue
        default: return false
        }
    }
    return true
}

/// Names one event, for example `evt_xyz789`; the same over all webhooks, attempts and redeliveries.
public struct EventID: WebhookIdentifier {
    /// The identifier as text, already checked.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// Names one TaskFlow account, for example `acc_123`.
public struct AccountID: WebhookIdentifier {
    /// The identifier as text, already checked.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// Names one registered webhook, for example `wh_abc123`.
public struct WebhookID: WebhookIdentifier {
    /// The identifier as text, already checked.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// Names one delivery, that is one event to one webhook; the same over all its attempts.
public struct DeliveryID: WebhookIdentifier {
    /// The identifier as text, already checked.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}
