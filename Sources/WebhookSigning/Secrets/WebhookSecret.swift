/// The secret of one webhook: a shared secret, or one half of an Ed25519 key pair.
///
/// A secret is never printed, encoded or compared, and its memory is overwritten when the last copy is released. The
/// keyed state for every scheme is prepared once, when the secret is created, and shared by all copies.
public struct WebhookSecret: Sendable {
    /// The kind of a secret.
    @nonexhaustive
    public enum Kind: Sendable, Hashable {
        /// A shared secret that signs and verifies: a custom text, or a generated `whsec_…`.
        case shared
        /// A signing key that signs and verifies `v1a`: `whsk_…`.
        case signingKey
        /// A public key that only verifies `v1a`, so it may be published: `whpk_…`.
        case publicKey
    }

    /// The minimum length of a secret in bytes when a webhook is registered with it: 12.
    ///
    /// Verification accepts any length.
    public static let minimumLength = 12
    /// The length in bytes below which a secret is accepted with ``advice``: 24, the shortest that Standard Webhooks
    /// generates.
    public static let recommendedLength = 24

    let storage: SecretStorage

    init(storage: SecretStorage) { self.storage = storage }

    /// The kind of the secret.
    public var kind: Kind {
        switch storage.keys {
        case .shared: .shared
        case .signing: .signingKey
        case .verifying: .publicKey
        }
    }

    /// Returns the secret as text, to show it once to its owner or to pass it to a store.
    ///
    /// The name is easy to search for: every call is a place where a secret leaves the library.
    public func reveal() -> String { String(decoding: storage.text, as: UTF8.self) }

    /// Returns the secret in the format with which any Standard Webhooks library verifies TaskFlow's signatures.
    ///
    /// For a signing key, this is its public half, because the signing key must not leave the sender.
    public func revealForStandardWebhooks() -> String {
        switch storage.keys {
        case .shared: Self.sharedPrefix + Base64.encode(storage.standardKeyBytes)
        case .signing(let key): Self.publicPrefix + Base64.encode(key.publicKey.bytes)
        case .verifying(let key): Self.publicPrefix + Base64.encode(key.bytes)
        }
    }

    /// The secret that verifies signatures of this one: for a signing key, its public half, which cannot sign.
    public var verificationKey: WebhookSecret {
        guard case .signing(let key) = storage.keys else { return self }
        return WebhookSecret(publicKey: key.publicKey)
    }

    /// A suggestion for a better secret in one sentence, or `nil`.
    public var advice: String? {
        kind == .shared && storage.text.count < Self.recommendedLength
            ? "The secret is short; use at least \(Self.recommendedLength) random bytes." : nil
    }

    /// Generates a shared secret: `whsec_` and the base64 of 32 random bytes.
    ///
    /// - Parameter generator: A cryptographically secure generator.
    /// - Returns: The secret; show its ``reveal()`` text once to its owner.
    public static func random(using generator: inout some RandomNumberGenerator) -> WebhookSecret {
        WebhookSecret(sharedKey: randomBytes(32, using: &generator))
    }

    /// Generates an Ed25519 signing key, `whsk_…`, for `v1a` signatures.
    ///
    /// - Parameter generator: A cryptographically secure generator.
    /// - Returns: The key; publish its ``verificationKey``.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/unusableKey`` if libcrypto is out of memory.
    public static func randomSigningKey(
        using generator: inout some RandomNumberGenerator
    ) throws(SigningError) -> WebhookSecret {
        try WebhookSecret(signingKey: randomBytes(32, using: &generator))
    }
}

/// Returns random bytes from a generator that produces eight at a time.
func randomBytes(_ count: Int, using generator: inout some RandomNumberGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
        let word: UInt64 = generator.next()
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
    }
    return Array(bytes.prefix(count))
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder, never the secret.
    public var description: String { "‹secret›" }
    /// A placeholder, never the secret.
    public var debugDescription: String { "‹secret›" }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The text of one secret and its keys, shared by all copies and overwritten when the last one is released.
final class SecretStorage: @unchecked Sendable {
    /// The keys that sign or verify.
    enum Keys {
        case shared(taskFlow: HMACKey, standard: HMACKey)
        case signing(Ed25519SigningKey)
        case verifying(Ed25519PublicKey)
    }

    // Unchecked because `deinit` must cleanse the bytes, which needs `var`; no other code writes to them.
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
