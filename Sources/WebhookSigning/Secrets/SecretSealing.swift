public import WebhookEvents

/// A type that encrypts secrets before they are stored.
///
/// The owner is bound to the sealed bytes: a secret that is copied to the row of another webhook cannot be opened
/// there. Implement a custom sealing to keep the key in a key management service.
public protocol SecretSealing: Sendable {
    /// Encrypts and authenticates bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes to keep secret.
    ///   - owner: The owner of the bytes, for example the identifier of a webhook.
    /// - Returns: The sealed bytes.
    /// - Throws: ``SigningError``.
    func seal(_ bytes: [UInt8], owner: String) throws(SigningError) -> [UInt8]

    /// Opens sealed bytes.
    ///
    /// - Parameters:
    ///   - sealed: The result of ``seal(_:owner:)``.
    ///   - owner: The owner of the bytes.
    /// - Returns: The bytes that were sealed.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/cannotUnseal``.
    func open(_ sealed: [UInt8], owner: String) throws(SigningError) -> [UInt8]
}

/// A sealing with AES-256-GCM (NIST SP 800-38D) that supports several keys.
///
/// Sealed bytes begin with a version and the identifier of their key, both authenticated together with the owner. To
/// change keys, put the new one first and keep the old ones until ``reseal(_:owner:)`` has processed every row. Nonces
/// are 96 random bits: change keys before one has sealed 2³² secrets (section 8.3).
public struct AESGCMSealing: SecretSealing {
    /// A key with the identifier by which sealed bytes refer to it.
    public struct Key: Sendable {
        let id: [UInt8]
        let material: KeyMaterial

        /// Creates a key.
        ///
        /// - Parameters:
        ///   - id: The identifier of the key, 1 to 64 bytes; not secret.
        ///   - bytes: 32 random bytes.
        /// - Throws: ``SigningError`` with code ``SigningError/Code/unusableSealingKey``.
        public init(id: String, bytes: [UInt8]) throws(SigningError) {
            guard (1...64).contains(id.utf8.count), bytes.count == 32 else {
                throw SigningError(
                    .unusableSealingKey, "The sealing key or its identifier has the wrong length",
                    hint: "Use a key of 32 random bytes, and an identifier of 1 to 64 bytes.")
            }
            self.id = Array(id.utf8)
            self.material = KeyMaterial(bytes)
        }
    }

    private static let version: UInt8 = 1
    private static let (nonceLength, tagLength) = (12, 16)

    private let keys: [Key]
    private let random: any RandomSource

    /// Creates a sealing.
    ///
    /// - Parameters:
    ///   - key: The key to seal with.
    ///   - previous: The keys that sealed bytes may still refer to.
    ///   - random: The source of nonces; it must be cryptographically secure.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/unusableSealingKey`` if two keys have the same
    ///   identifier.
    public init(key: Key, previous: [Key] = [], random: any RandomSource) throws(SigningError) {
        self.keys = [key] + previous
        self.random = random
        guard Set(keys.map(\.id)).count == keys.count else {
            throw SigningError(
                .unusableSealingKey, "Two sealing keys have the same identifier",
                hint: "Use a different identifier for every key.")
        }
    }

    /// Encrypts and authenticates bytes under the first key.
    public func seal(_ bytes: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        let header = [Self.version, UInt8(keys[0].id.count)] + keys[0].id
        var generator = RandomSourceGenerator(random)
        let nonce = randomBytes(Self.nonceLength, using: &generator)
        let cipher = AESGCM(key: keys[0].material, nonce: nonce, associatedData: header + Array(owner.utf8))
        guard let sealed = cipher.encrypt(bytes) else {
            throw SigningError(
                .cannotUnseal, "libcrypto has no memory to encrypt", hint: "Retry when more memory is free.")
        }
        return header + nonce + sealed
    }

    /// Opens sealed bytes with the key that they refer to.
    public func open(_ sealed: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        guard let (key, rest) = key(of: sealed), rest.count >= Self.nonceLength + Self.tagLength else {
            throw .cannotUnseal(
                "Their key is unknown", hint: "Add the key that sealed them to the previous keys.")
        }
        let header = sealed.prefix(sealed.count - rest.count)
        let cipher = AESGCM(
            key: key.material, nonce: Array(rest.prefix(Self.nonceLength)), associatedData: header + Array(owner.utf8))
        guard let bytes = cipher.decrypt(Array(rest.dropFirst(Self.nonceLength))) else {
            throw .cannotUnseal("They were changed, or belong to another owner", hint: "Restore the row from a backup.")
        }
        return bytes
    }

    /// Reseals bytes that are not sealed under the first key.
    ///
    /// - Parameters:
    ///   - sealed: The sealed bytes.
    ///   - owner: The owner of the bytes.
    /// - Returns: The bytes to store instead, or `nil` if they are sealed under the first key.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/cannotUnseal``.
    public func reseal(_ sealed: [UInt8], owner: String) throws(SigningError) -> [UInt8]? {
        if let (key, _) = key(of: sealed), key.id == keys[0].id { return nil }
        return try seal(open(sealed, owner: owner), owner: owner)
    }

    /// Returns the key that sealed bytes refer to, and the bytes after its identifier.
    private func key(of sealed: [UInt8]) -> (Key, ArraySlice<UInt8>)? {
        guard sealed.count > 2, sealed[0] == Self.version else { return nil }
        let rest = sealed.dropFirst(2)
        let id = Array(rest.prefix(Int(sealed[1])))
        return keys.first { $0.id == id }.map { ($0, rest.dropFirst(id.count)) }
    }
}

extension SigningError {
    fileprivate static func cannotUnseal(_ reason: String, hint: String) -> SigningError {
        SigningError(.cannotUnseal, "The sealed bytes cannot be opened. \(reason)", hint: hint)
    }
}
