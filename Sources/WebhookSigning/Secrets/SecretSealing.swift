public import WebhookEvents

/// Encrypts secrets before a store keeps them.
///
/// The owner is bound to the sealed bytes: a secret that somebody copies from one webhook's row to another's does not
/// open there. Conform a type of your own to keep the key in a key management service.
public protocol SecretSealing: Sendable {
    /// Encrypts and authenticates bytes.
    ///
    /// - Parameters:
    ///   - bytes: What to keep secret.
    ///   - owner: Whose it is, for example a webhook's id.
    /// - Returns: The sealed bytes.
    /// - Throws: ``SigningError``.
    func seal(_ bytes: [UInt8], owner: String) throws(SigningError) -> [UInt8]

    /// Opens sealed bytes.
    ///
    /// - Parameters:
    ///   - sealed: What ``seal(_:owner:)`` returned.
    ///   - owner: Whose it is.
    /// - Returns: The bytes that were sealed.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/cannotUnseal``.
    func open(_ sealed: [UInt8], owner: String) throws(SigningError) -> [UInt8]
}

/// Seals with AES-256-GCM (NIST SP 800-38D) under one of several keys.
///
/// Sealed bytes begin with a version and the identifier of their key, both authenticated together with the owner. To
/// change keys, put the new one first and keep the old ones until ``reseal(_:owner:)`` has seen every row. Nonces are 96
/// random bits: change keys before 2³² secrets were sealed under one (section 8.3).
public struct AESGCMSealing: SecretSealing {
    /// A key with the name that sealed bytes refer to it by.
    public struct Key: Sendable {
        let id: [UInt8]
        let material: KeyMaterial

        /// Creates a key.
        ///
        /// - Parameters:
        ///   - id: Names the key, 1 to 64 bytes; not secret.
        ///   - bytes: 32 random bytes.
        /// - Throws: ``SigningError`` with code ``SigningError/Code/unusableSealingKey``.
        public init(id: String, bytes: [UInt8]) throws(SigningError) {
            guard (1...64).contains(id.utf8.count), bytes.count == 32 else {
                throw SigningError(
                    .unusableSealingKey, "The sealing key or its identifier has the wrong length",
                    hint: "Take 32 random bytes, and an identifier of 1 to 64 bytes.")
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
    ///   - previous: Keys that sealed bytes may still refer to.
    ///   - random: Where nonces come from; must be secure.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/unusableSealingKey`` when two keys share an identifier.
    public init(key: Key, previous: [Key] = [], random: any RandomSource) throws(SigningError) {
        self.keys = [key] + previous
        self.random = random
        guard Set(keys.map(\.id)).count == keys.count else {
            throw SigningError(
                .unusableSealingKey, "Two sealing keys have one identifier", hint: "Give every key its own.")
        }
    }

    /// Encrypts and authenticates bytes under the first key.
    public func seal(_ bytes: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        let header = [Self.version, UInt8(keys[0].id.count)] + keys[0].id
        var generator = RandomSourceGenerator(random)
        let nonce = randomBytes(Self.nonceLength, using: &generator)
        let cipher = AESGCM(key: keys[0].material, nonce: nonce, associatedData: header + Array(owner.utf8))
        guard let sealed = cipher.encrypt(bytes) else {
            throw SigningError(.cannotUnseal, "libcrypto could not encrypt", hint: "It is out of memory.")
        }
        return header + nonce + sealed
    }

    /// Opens sealed bytes with the key that they name.
    public func open(_ sealed: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        guard let (key, rest) = key(of: sealed), rest.count >= Self.nonceLength + Self.tagLength else {
            throw .cannotUnseal(
                "They name no key that is here", hint: "Give the key they were sealed with as a previous one.")
        }
        let header = sealed.prefix(sealed.count - rest.count)
        let cipher = AESGCM(
            key: key.material, nonce: Array(rest.prefix(Self.nonceLength)), associatedData: header + Array(owner.utf8))
        guard let bytes = cipher.decrypt(Array(rest.dropFirst(Self.nonceLength))) else {
            throw .cannotUnseal("They were changed, or belong to another owner", hint: "Restore the row from a backup.")
        }
        return bytes
    }

    /// Seals again what is not sealed under the first key.
    ///
    /// - Parameters:
    ///   - sealed: Sealed bytes.
    ///   - owner: Whose they are.
    /// - Returns: The bytes to store instead, or `nil` when nothing is to do.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/cannotUnseal``.
    public func reseal(_ sealed: [UInt8], owner: String) throws(SigningError) -> [UInt8]? {
        if let (key, _) = key(of: sealed), key.id == keys[0].id { return nil }
        return try seal(open(sealed, owner: owner), owner: owner)
    }

    /// The key that sealed bytes name, and what follows its name.
    private func key(of sealed: [UInt8]) -> (Key, ArraySlice<UInt8>)? {
        guard sealed.count > 2, sealed[0] == Self.version else { return nil }
        let rest = sealed.dropFirst(2)
        let id = Array(rest.prefix(Int(sealed[1])))
        return keys.first { $0.id == id }.map { ($0, rest.dropFirst(id.count)) }
    }
}

extension SigningError {
    fileprivate static func cannotUnseal(_ reason: String, hint: String) -> SigningError {
        SigningError(.cannotUnseal, "The sealed bytes do not open. \(reason)", hint: hint)
    }
}
