internal import CLibCrypto

/// The secret that one webhook's sender and receiver share.
///
/// It is never printed, encoded or compared, and its memory is overwritten when the last copy goes. The keyed state for
/// both signature schemes is prepared once, when the secret is made, and shared by all copies.
///
/// The two initialisers read the same text differently, so choose by where the text came from: ``init(_:)`` for what
/// TaskFlow shows, ``init(standardWebhooks:)`` for what another Standard Webhooks sender shows.
public struct WebhookSecret: Sendable {
    /// The fewest bytes a TaskFlow secret may have: 12.
    public static let minimumLength = 12
    /// Below this many bytes a secret is accepted with ``advice``: 24, the least that Standard Webhooks generates.
    public static let recommendedLength = 24

    private let storage: Storage

    /// Reads a TaskFlow secret: whatever text the webhook was registered with, or a generated `whsec_…`.
    ///
    /// `X-TaskFlow-Signature` is keyed with the UTF-8 bytes of the whole text. The Standard Webhooks signature is keyed
    /// with the base64-decoded bytes of a `whsec_` secret, and with the UTF-8 bytes of any other.
    ///
    /// - Parameter text: The secret as TaskFlow shows it, without surrounding white space.
    /// - Throws: ``SigningError`` when the text is empty, too short, padded with white space, or a broken `whsec_`.
    public init(_ text: String) throws(SigningError) {
        let bytes = try Self.checked(text)
        try Self.checkLength(bytes)
        let standard = text.hasPrefix(Self.prefix) ? try Self.decoded(text) : bytes
        self.storage = Storage(text: bytes, standardKey: standard)
    }

    /// Reads a secret as every Standard Webhooks library does: base64, with or without `whsec_` in front.
    ///
    /// - Parameter text: The secret as a Standard Webhooks sender shows it.
    /// - Throws: ``SigningError`` when the text is empty, too short, padded with white space, or not canonical base64.
    public init(standardWebhooks text: String) throws(SigningError) {
        _ = try Self.checked(text)
        let key = try Self.decoded(text)
        // Always with the prefix, so that ``reveal()`` gives a text that means the same to ``init(_:)``, as stores need it.
        let canonical = Array((Self.prefix + Base64.encode(key)).utf8)
        try Self.checkLength(canonical)
        self.storage = Storage(text: canonical, standardKey: key)
    }

    /// Makes a new secret: `whsec_` and the base64 of 32 random bytes.
    ///
    /// - Parameter generator: A cryptographically secure generator.
    /// - Returns: The secret; ``reveal()`` it once to its owner.
    public static func generate(using generator: inout some RandomNumberGenerator) -> WebhookSecret {
        var key: [UInt8] = []
        for _ in 0..<4 {
            let word: UInt64 = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) { key.append(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
        }
        return WebhookSecret(storage: Storage(text: Array((prefix + Base64.encode(key)).utf8), standardKey: key))
    }

    /// The secret as text, for showing it once to its owner or handing it to a store.
    ///
    /// The name is meant to be found by a search: every use is a place where a secret leaves the library.
    public func reveal() -> String { String(decoding: storage.text, as: UTF8.self) }

    /// The form to paste into any Standard Webhooks library, so that it verifies what TaskFlow signs.
    public func revealForStandardWebhooks() -> String { Self.prefix + Base64.encode(storage.standardKeyBytes) }

    /// What could be better about the secret, in a sentence, or `nil`.
    public var advice: String? {
        storage.text.count < Self.recommendedLength
            ? "The secret is short; use at least \(Self.recommendedLength) random bytes." : nil
    }

    package var taskFlowKey: HMACKey { storage.taskFlowKey }
    package var standardKey: HMACKey { storage.standardKey }

    private init(storage: Storage) { self.storage = storage }

    private static let prefix = "whsec_"

    private static func checked(_ text: String) throws(SigningError) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, text != prefix else {
            throw SigningError(
                .emptySecret, "The secret is empty", hint: "Check the variable or file that it is read from.")
        }
        guard !isSpace(first), !isSpace(last) else {
            throw SigningError(
                .surroundingWhitespace, "The secret begins or ends with white space",
                hint: "A trailing newline often comes from `echo` or an editor; write the file with `printf %s`.")
        }
        return bytes
    }

    private static func checkLength(_ bytes: [UInt8]) throws(SigningError) {
        guard bytes.count >= minimumLength else {
            throw SigningError(
                .shortSecret, "The secret has fewer than \(minimumLength) bytes",
                hint: "Let the library generate one, or take at least \(recommendedLength) random characters.")
        }
    }

    private static func decoded(_ text: String) throws(SigningError) -> [UInt8] {
        let encoded = text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : text[...]
        guard let key = Base64.decode(encoded.utf8), !key.isEmpty else {
            throw SigningError(
                .malformedSecret, "The secret is not canonical, padded base64",
                hint:
                    "Copy it again, whole: `whsec_` and base64 with its `=` signs. A text like `v1,whsec_…` is two things."
            )
        }
        return key
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the secret.
    public var description: String { "‹secret›" }
    /// Never the secret.
    public var debugDescription: String { "‹secret›" }
    /// Shows reflection nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The bytes of one secret and the keys made from them, shared by all copies of it and overwritten with the last.
private final class Storage: @unchecked Sendable {
    // Unchecked because the bytes must be cleansed in `deinit`, which needs `var`; nothing else writes to them.
    private(set) var text: [UInt8]
    private(set) var standardKeyBytes: [UInt8]
    let taskFlowKey: HMACKey
    let standardKey: HMACKey

    init(text: [UInt8], standardKey: [UInt8]) {
        self.text = text
        self.standardKeyBytes = standardKey
        self.taskFlowKey = HMACKey(text)
        self.standardKey = HMACKey(standardKey)
    }

    deinit {
        text.cleanse()
        standardKeyBytes.cleanse()
    }
}
