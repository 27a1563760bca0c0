// The two initialisers read the same text differently, so choose by where the text came from. There is no silent
// fallback from one to the other: a secret that is decoded on one side and not on the other verifies nothing.

extension WebhookSecret {
    static let sharedPrefix = "whsec_"
    static let publicPrefix = "whpk_"
    static let signingPrefix = "whsk_"

    /// Reads a secret that TaskFlow shows: a text of the account's own, `whsec_…`, `whpk_…` or `whsk_…`.
    ///
    /// `X-TaskFlow-Signature` is keyed with the UTF-8 bytes of the whole text. The Standard Webhooks signature is keyed
    /// with the base64-decoded bytes of a `whsec_` secret, and with the UTF-8 bytes of any other text.
    ///
    /// A short text is accepted with ``advice``, as consumers cannot choose their secret; registering takes none of fewer than
    /// ``minimumLength`` bytes.
    ///
    /// - Parameter text: The secret, without surrounding white space.
    /// - Throws: ``SigningError`` when the text is empty, padded with white space, or broken behind its prefix.
    public init(_ text: String) throws(SigningError) {
        if let key = try WebhookSecret(keyPair: text) {
            self = key
            return
        }
        let bytes = try Self.checked(text)
        // Another secret than the one that was meant: `v1,whsec_…` as some senders show it, or the quotes of a settings file.
        if let prefix = [Self.sharedPrefix, Self.publicPrefix, Self.signingPrefix].first(where: text.contains),
            !text.hasPrefix(prefix)
        {
            throw SigningError(
                .malformedSecret, "The secret holds `\(prefix)` but does not begin with it",
                hint: "Take it from `\(prefix)` on, without quotes and without a version such as `v1,`.")
        }
        self.init(text: bytes, standardKey: text.hasPrefix(Self.sharedPrefix) ? try Self.decoded(text) : bytes)
    }

    /// Takes a shared secret as it was given, for verifying: of any length, with any bytes in it, white space included.
    ///
    /// ``init(_:)`` refuses the usual mistakes of texts, such as a trailing newline; here they are part of the secret. Registering
    /// takes no secret of fewer than ``minimumLength`` bytes, with white space around it, or that is not UTF-8.
    ///
    /// - Parameter bytes: The secret. `X-TaskFlow-Signature` is keyed with all of them, and so is the Standard Webhooks signature,
    ///   unless they are a `whsec_` text.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/emptySecret`` or ``SigningError/Code/wrongKind``.
    public init(bytes: [UInt8]) throws(SigningError) {
        guard !bytes.isEmpty else {
            throw SigningError(
                .emptySecret, "The secret is empty", hint: "Check the variable or file that it is read from.")
        }
        let text = String(validating: bytes, as: UTF8.self)
        // A public key used as a shared secret would let anyone who has it sign.
        if let text, text.hasPrefix(Self.publicPrefix) || text.hasPrefix(Self.signingPrefix) {
            throw SigningError(
                .wrongKind, "The bytes are an Ed25519 key and no shared secret",
                hint:
                    "Read `whpk_…` with `init(_:)`; `whsk_…` is the sender's own half, which a receiver must not have.")
        }
        let isShared = text?.hasPrefix(Self.sharedPrefix) ?? false
        let decoded = isShared ? Base64.decode(bytes.dropFirst(Self.sharedPrefix.utf8.count)) : nil
        self.init(text: bytes, standardKey: decoded.flatMap { $0.isEmpty ? nil : $0 } ?? bytes)
    }

    /// Reads the text of a secret that a store has kept; what is asked of new ones is not asked of it.
    init(stored text: String) throws(SigningError) {
        if let key = try WebhookSecret(keyPair: text) { self = key } else { try self.init(bytes: Array(text.utf8)) }
    }

    /// Reads a secret as every Standard Webhooks library does: base64, with or without `whsec_`, or `whpk_…`, `whsk_…`.
    ///
    /// - Parameter text: The secret as a Standard Webhooks sender shows it.
    /// - Throws: ``SigningError`` when the text is empty, padded with white space, or not canonical base64.
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
    /// The text always has the prefix, so that ``reveal()`` means the same to ``init(_:)``, as stores need it.
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

    /// Reads the seed of a signing key, or the seed with its public key behind it; both are in use.
    init(signingKey bytes: [UInt8]) throws(SigningError) {
        guard bytes.count == 32 || bytes.count == 64 else {
            throw SigningError(
                .malformedSecret, "The signing key has \(bytes.count) bytes, not 32 or 64",
                hint: "`whsk_` holds the seed of RFC 8032, with or without the public key behind it, in base64.")
        }
        guard let key = Ed25519SigningKey(seed: Array(bytes.prefix(32))) else {
            throw SigningError(.unusableKey, "libcrypto refuses the signing key", hint: "Generate another one.")
        }
        guard bytes.count == 32 || Array(bytes.suffix(32)) == key.publicKey.bytes else {
            throw SigningError(
                .unusableKey, "The two halves of the signing key do not belong together",
                hint: "The last 32 bytes must be the public key of the first 32.")
        }
        let text = Self.signingPrefix + Base64.encode(Array(bytes.prefix(32)))
        self.init(storage: SecretStorage(text: Array(text.utf8), keys: .signing(key)))
    }

    /// Reads one half of a key pair, or returns `nil` when the text is a shared secret.
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
                    ? "These 44 bytes are the key in its X.509 wrapping (SPKI); take the last 32 of them."
                    : "`whpk_` holds the 32 bytes of RFC 8032 in base64.")
        }
        guard let key = Ed25519PublicKey(bytes) else {
            throw SigningError(
                .unusableKey, "The public key is a point of small order, or not written canonically",
                hint: "Such a key verifies what nobody signed. Get the key from the sender again.")
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
                .emptySecret, "The secret is empty", hint: "Check the variable or file that it is read from.")
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

    /// The bytes behind the prefix, where there is one.
    private static func decoded(_ text: String) throws(SigningError) -> [UInt8] {
        let prefix = [sharedPrefix, publicPrefix, signingPrefix].first { text.hasPrefix($0) } ?? ""
        guard let key = Base64.decode(text.utf8.dropFirst(prefix.utf8.count)), !key.isEmpty else {
            throw SigningError(
                .malformedSecret, "The secret is not canonical, padded base64",
                hint: "Copy it again, whole, with its prefix and `=` signs. A text like `v1,whsec_…` is two things.")
        }
        return key
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
