// The two initialisers interpret the same text differently, so choose one by the source of the text. Neither silently
// falls back to the other: a secret that only one side decodes verifies nothing.

extension WebhookSecret {
    static let sharedPrefix = "whsec_"
    static let publicPrefix = "whpk_"
    static let signingPrefix = "whsk_"

    /// Creates a secret as TaskFlow shows it: a custom text, `whsec_…`, `whpk_…` or `whsk_…`.
    ///
    /// `X-TaskFlow-Signature` is keyed with the UTF-8 bytes of the whole text. The Standard Webhooks signature is keyed
    /// with the base64-decoded bytes of a `whsec_` secret, and with the UTF-8 bytes of any other text.
    ///
    /// A short text is accepted with ``advice``, because consumers cannot choose their secret; registration rejects
    /// secrets of fewer than ``minimumLength`` bytes.
    ///
    /// - Parameter text: The secret, without surrounding white space.
    /// - Throws: ``SigningError`` if the text is empty, has surrounding white space, or is malformed after its prefix.
    public init(_ text: String) throws(SigningError) {
        if let key = try WebhookSecret(keyPair: text) {
            self = key
            return
        }
        let bytes = try Self.checked(text)
        // Rejects a different secret than the intended one, such as `v1,whsec_…`, which some senders show, or a quoted
        // one.
        if let prefix = [Self.sharedPrefix, Self.publicPrefix, Self.signingPrefix].first(where: text.contains),
            !text.hasPrefix(prefix)
        {
            throw SigningError(
                .malformedSecret, "The secret contains `\(prefix)` but does not begin with it",
                hint: "Use the text from `\(prefix)` on, without quotes and without a version such as `v1,`.")
        }
        self.init(text: bytes, standardKey: text.hasPrefix(Self.sharedPrefix) ? try Self.decoded(text) : bytes)
    }

    /// Creates a shared secret for verification from any bytes, of any length and including white space.
    ///
    /// ``init(_:)`` rejects the usual mistakes in texts, such as a trailing newline; here they are part of the secret.
    /// Registration rejects secrets of fewer than ``minimumLength`` bytes, with surrounding white space, or that are
    /// not UTF-8.
    ///
    /// - Parameter bytes: The secret. All bytes are the key of `X-TaskFlow-Signature` and, unless they are a `whsec_`
    ///   text, of the Standard Webhooks signature.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/emptySecret`` or ``SigningError/Code/wrongKind``.
    public init(bytes: [UInt8]) throws(SigningError) {
        guard !bytes.isEmpty else {
            throw SigningError(
                .emptySecret, "The secret is empty", hint: "Check the variable or file that contains it.")
        }
        let text = String(validating: bytes, as: UTF8.self)
        // If a public key were used as a shared secret, anyone who has it could sign.
        if let text, text.hasPrefix(Self.publicPrefix) || text.hasPrefix(Self.signingPrefix) {
            throw SigningError(
                .wrongKind, "The bytes are an Ed25519 key, not a shared secret",
                hint:
                    "Read `whpk_…` with `init(_:)`. `whsk_…` is the sender's signing key; a receiver must not have it.")
        }
        let isShared = text?.hasPrefix(Self.sharedPrefix) ?? false
        let decoded = isShared ? Base64.decode(bytes.dropFirst(Self.sharedPrefix.utf8.count)) : nil
        self.init(text: bytes, standardKey: decoded.flatMap { $0.isEmpty ? nil : $0 } ?? bytes)
    }

    /// Creates a secret from its stored text; the rules for new secrets do not apply to it.
    init(stored text: String) throws(SigningError) {
        if let key = try WebhookSecret(keyPair: text) { self = key } else { try self.init(bytes: Array(text.utf8)) }
    }

    /// Creates a secret as all Standard Webhooks libraries do: base64 with or without `whsec_`, `whpk_…` or `whsk_…`.
    ///
    /// - Parameter text: The secret, as shown by a Standard Webhooks sender.
    /// - Throws: ``SigningError`` if the text is empty, has surrounding white space, or is not canonical base64.
    public init(standardWebhooks text: String) throws(SigningError) {
        if let key = try WebhookSecret(keyPair: text) {
            self = key
            return
        }
        _ = try Self.checked(text)
        self.init(sharedKey: try Self.decoded(text))
    }

    /// Creates a shared secret from the key of its Standard Webhooks signature.
    ///
    /// The text always has the prefix, so that ``init(_:)`` reads the result of ``reveal()`` as the same secret;
    /// stores rely on this.
    init(sharedKey key: [UInt8]) {
        self.init(text: Array((Self.sharedPrefix + Base64.encode(key)).utf8), standardKey: key)
    }

    private init(text: [UInt8], standardKey: [UInt8]) {
        let keys = SecretStorage.Keys.shared(taskFlow: HMACKey(text), standard: HMACKey(standardKey))
        self.init(storage: SecretStorage(text: text, standardKeyBytes: standardKey, keys: keys))
    }

    init(publicKey key: Ed25519PublicKey) {
        let text = Self.publicPrefix + Base64.encode(key.bytes)
        self.init(storage: SecretStorage(text: Array(text.utf8), keys: .verifying(key)))
    }

    /// Creates a signing key from its seed, or from the seed followed by the public key; both formats are in use.
    init(signingKey bytes: [UInt8]) throws(SigningError) {
        guard bytes.count == 32 || bytes.count == 64 else {
            throw SigningError(
                .malformedSecret, "The signing key has \(bytes.count) bytes, not 32 or 64",
                hint: "`whsk_` precedes the base64 of the RFC 8032 seed, with or without the public key after it.")
        }
        guard let key = Ed25519SigningKey(seed: Array(bytes.prefix(32))) else {
            throw SigningError(.unusableKey, "libcrypto rejects the signing key", hint: "Generate another key.")
        }
        guard bytes.count == 32 || Array(bytes.suffix(32)) == key.publicKey.bytes else {
            throw SigningError(
                .unusableKey, "The two halves of the signing key do not match",
                hint: "The last 32 bytes must be the public key of the first 32.")
        }
        let text = Self.signingPrefix + Base64.encode(Array(bytes.prefix(32)))
        self.init(storage: SecretStorage(text: Array(text.utf8), keys: .signing(key)))
    }

    /// Creates one half of a key pair, or returns `nil` if the text is a shared secret.
    private init?(keyPair text: String) throws(SigningError) {
        if text.hasPrefix(Self.signingPrefix) {
            _ = try Self.checked(text)
            try self.init(signingKey: Self.decoded(text))
        } else if text.hasPrefix(Self.publicPrefix) {
            _ = try Self.checked(text)
            self.init(publicKey: try Self.publicKey(Self.decoded(text)))
        } else {
            return nil
        }
    }

    private static func publicKey(_ bytes: [UInt8]) throws(SigningError) -> Ed25519PublicKey {
        guard bytes.count == 32 else {
            let isSPKI =
                bytes.count == 44 && bytes.starts(with: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70])
            throw SigningError(
                .malformedSecret, "The public key has \(bytes.count) bytes, not 32",
                hint: isSPKI
                    ? "These 44 bytes are the key in X.509 format (SPKI); use the last 32 bytes."
                    : "`whpk_` precedes the base64 of the 32 bytes of RFC 8032.")
        }
        guard let key = Ed25519PublicKey(bytes) else {
            throw SigningError(
                .unusableKey, "The public key is a point of small order, or not in canonical form",
                hint: "Get the key from the sender again; such a key accepts forged signatures.")
        }
        return key
    }
}

extension WebhookSecret {
    private static func checked(_ text: String) throws(SigningError) -> [UInt8] {
        let bytes = Array(text.utf8)
        let prefixes = [sharedPrefix, publicPrefix, signingPrefix]
        guard let first = bytes.first, let last = bytes.last, !prefixes.contains(text) else {
            throw SigningError(
                .emptySecret, "The secret is empty", hint: "Check the variable or file that contains it.")
        }
        guard !isSpace(first), !isSpace(last) else {
            throw SigningError(
                .surroundingWhitespace, "The secret begins or ends with white space",
                hint: """
                    A trailing newline often comes from `echo` or an editor; write the file with `printf %s`. If the white space \
                    is part of the secret, read it with `init(bytes:)`.
                    """)
        }
        return bytes
    }

    /// Returns the decoded bytes after the prefix, if there is one.
    private static func decoded(_ text: String) throws(SigningError) -> [UInt8] {
        let prefix = [sharedPrefix, publicPrefix, signingPrefix].first { text.hasPrefix($0) } ?? ""
        guard let key = Base64.decode(text.utf8.dropFirst(prefix.utf8.count)), !key.isEmpty else {
            throw SigningError(
                .malformedSecret, "The secret is not canonical, padded base64",
                hint: "Copy the whole secret with its prefix and `=` signs, but without a version such as `v1,`.")
        }
        return key
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
