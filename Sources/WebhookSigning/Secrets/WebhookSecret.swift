/// The secret of one webhook: what its sender and receiver share, or one half of an Ed25519 key pair.
///
/// It is never printed, encoded or compared, and its memory is overwritten when the last copy goes. The keyed state for
/// every scheme is prepared once, when the secret is made, and shared by all copies.
public struct WebhookSecret: Sendable {
    /// What a secret can do.
    @nonexhaustive
    public enum Kind: Sendable, Hashable {
        /// Signs and verifies: a text of the account's own, or a generated `whsec_…`.
        case shared
        /// Signs `v1a`, and verifies it: `whsk_…`.
        case signingKey
        /// Verifies `v1a` only, so it may be published: `whpk_…`.
        case publicKey
    }

    /// The fewest bytes that a secret may have when a webhook is registered with it: 12.
    ///
    /// Verifying takes any length.
    public static let minimumLength = 12
    /// Below this many bytes a secret is accepted with ``advice``: 24, the least that Standard Webhooks generates.
    public static let recommendedLength = 24

    let storage: SecretStorage

    init(storage: SecretStorage) { self.storage = storage }

    /// What the secret can do.
    public var kind: Kind {
        switch storage.keys {
        case .shared: .shared
        case .signing: .signingKey
        case .verifying: .publicKey
        }
    }

    /// The secret as text, for showing it once to its owner or handing it to a store.
    ///
    /// The name is meant to be found by a search: every use is a place where a secret leaves the library.
    public func reveal() -> String { String(decoding: storage.text, as: UTF8.self) }

    /// The form to paste into any Standard Webhooks library, so that it verifies what TaskFlow signs.
    ///
    /// A signing key gives its public half: the sender's own half never has a reason to be pasted.
    public func revealForStandardWebhooks() -> String {
        switch storage.keys {
        case .shared: Self.sharedPrefix + Base64.encode(storage.standardKeyBytes)
        case .signing(let key): Self.publicPrefix + Base64.encode(key.publicKey.bytes)
        case .verifying(let key): Self.publicPrefix + Base64.encode(key.bytes)
        }
    }

    /// The secret that verifies what this one signs, and cannot sign when that is possible: the public half of a key.
    public var verifyingHalf: WebhookSecret {
        guard case .signing(let key) = storage.keys else { return self }
        return WebhookSecret(publicKey: key.publicKey)
    }

    /// What could be better about the secret, in a sentence, or `nil`.
    public var advice: String? {
        kind == .shared && storage.text.count < Self.recommendedLength
            ? "The secret is short; use at least \(Self.recommendedLength) random bytes." : nil
    }

    /// Makes a new shared secret: `whsec_` and the base64 of 32 random bytes.
    ///
    /// - Parameter generator: A cryptographically secure generator.
    /// - Returns: The secret; ``reveal()`` it once to its owner.
    public static func generate(using generator: inout some RandomNumberGenerator) -> WebhookSecret {
        WebhookSecret(sharedKey: randomBytes(32, using: &generator))
    }

    /// Makes a new Ed25519 signing key, `whsk_…`, for `v1a` signatures.
    ///
    /// - Parameter generator: A cryptographically secure generator.
    /// - Returns: The key; publish its ``verifyingHalf``.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/unusableKey`` when libcrypto is out of memory.
    public static func generateSigningKey(
        using generator: inout some RandomNumberGenerator
    ) throws(SigningError) -> WebhookSecret {
        try WebhookSecret(signingKey: randomBytes(32, using: &generator))
    }
}

/// Bytes of chance, from a generator that gives them eight at a time.
func randomBytes(_ count: Int, using generator: inout some RandomNumberGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
        let word: UInt64 = generator.next()
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
    }
    return Array(bytes.prefix(count))
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the secret.
    public var description: String { "‹secret›" }
    /// Never the secret.
    public var debugDescription: String { "‹secret›" }
    /// Shows reflection nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The text of one secret and the keys made from it, shared by all copies and overwritten with the last.
final class SecretStorage: @unchecked Sendable {
    /// What signs or verifies.
    enum Keys {
        case shared(taskFlow: HMACKey, standard: HMACKey)
        case signing(Ed25519SigningKey)
        case verifying(Ed25519PublicKey)
    }

    // Unchecked because the bytes must be cleansed in `deinit`, which needs `var`; nothing else writes to them.
    private(set) var text: [UInt8]
    private(set) var standardKeyBytes: [UInt8]
    let keys: Keys

    init(text: [UInt8], standardKeyBytes: [UInt8] = [], keys: Keys) {
        self.text = text
        self.standardKeyBytes = standardKeyBytes
        self.keys = keys
    }

    deinit {
        text.cleanse()
        standardKeyBytes.cleanse()
    }
}
