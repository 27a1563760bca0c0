/// An opaque identifier that TaskFlow assigns to an event, a webhook, a delivery or an account.
///
/// An identifier has 1 to 64 characters: ASCII letters, digits and `_ - : ~ @ + =`. Dots are not allowed, because
/// Standard Webhooks joins the signed parts with dots. Only ASCII is allowed, because Swift compares strings by
/// canonical equivalence and stores do not.
public protocol WebhookIdentifier: Sendable, Hashable, Comparable, Codable, LosslessStringConvertible,
    ExpressibleByStringLiteral
{
    /// The validated text of the identifier.
    var rawValue: String { get }

    /// Creates an identifier from text that is known to be well-formed.
    init(unchecked rawValue: String)
}

extension WebhookIdentifier {
    /// Creates an identifier, or returns `nil` if the text is not well-formed.
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
        precondition(isWellFormedIdentifier(text), "invalid identifier: \(text)")
        self.init(unchecked: text)
    }

    /// The identifier as text.
    public var description: String { rawValue }

    /// Returns whether one identifier sorts before another, comparing bytes.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.rawValue.utf8.lexicographicallyPrecedes(rhs.rawValue.utf8)
    }

    /// Decodes and validates an identifier.
    ///
    /// - Throws: `DecodingError` if the text is not well-formed.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let identifier = try Self(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a well-formed identifier")
        }
        self = identifier
    }

    /// Encodes the identifier as text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// Creates an identifier that sorts by creation time: a prefix, 10 characters of time and 16 random characters.
    ///
    /// The layout is that of a ULID (48 bits of milliseconds, 80 random bits, Crockford's base 32) in lower case. New
    /// rows are therefore adjacent in a store, and identifiers from different hosts do not collide.
    ///
    /// - Parameters:
    ///   - prefix: The prefix for the kind of identifier, for example `evt_`.
    ///   - now: The creation time.
    ///   - entropy: 80 random bits, in the low bits.
    package init(prefix: String, now: Timestamp, entropy: UInt128) {
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

/// The identifier of an event, for example `evt_xyz789`; the same for all webhooks, attempts and redeliveries.
public struct EventID: WebhookIdentifier {
    /// The validated text of the identifier.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The identifier of a TaskFlow account, for example `acc_123`.
public struct AccountID: WebhookIdentifier {
    /// The validated text of the identifier.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The identifier of a webhook, for example `wh_abc123`.
public struct WebhookID: WebhookIdentifier {
    /// The validated text of the identifier.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The identifier of a delivery, which is one event for one webhook; the same for all its attempts.
public struct DeliveryID: WebhookIdentifier {
    /// The validated text of the identifier.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}
