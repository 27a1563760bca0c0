/// The stored form of bytes that a reader of a store's tables must not see.
///
/// They are sealed if the host provides a sealing, and marked so that sealed and plain rows can be distinguished.
package struct SecretColumn: Sendable {
    private enum Form: UInt8 {
        case plain = 0
        case sealed = 1
    }

    private let sealing: (any SecretSealing)?

    package init(sealing: (any SecretSealing)?) { self.sealing = sealing }

    /// Returns the bytes to store.
    ///
    /// - Parameters:
    ///   - bytes: The bytes to keep secret.
    ///   - owner: The owner of the bytes and the column that stores them; sealed bytes cannot be opened for any other.
    /// - Returns: The form, followed by the bytes.
    /// - Throws: ``SigningError``.
    package func encode(_ bytes: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        guard let sealing else { return [Form.plain.rawValue] + bytes }
        return [Form.sealed.rawValue] + (try sealing.seal(bytes, owner: owner))
    }

    /// Returns the plain bytes of a stored value, sealed or not.
    ///
    /// - Parameters:
    ///   - stored: The result of ``encode(_:owner:)``.
    ///   - owner: The owner that was passed to ``encode(_:owner:)``.
    /// - Returns: The bytes.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/cannotUnseal``.
    package func decode(_ stored: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        switch (stored.first.flatMap(Form.init(rawValue:)), sealing) {
        case (.plain, _): return Array(stored.dropFirst())
        case (.sealed, let sealing?): return try sealing.open(Array(stored.dropFirst()), owner: owner)
        case (.sealed, nil):
            throw SigningError(
                .cannotUnseal, "The stored secrets are sealed, and the store has no sealing",
                hint: "Configure the store with the SecretSealing that it had before.")
        case (nil, _):
            throw SigningError(
                .cannotUnseal, "The stored secrets cannot be read",
                hint: "Restore the row from a backup, or use the later version that wrote it.")
        }
    }

    /// Returns a stored value in the form that the current configuration writes.
    package func reencode(_ stored: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        try encode(decode(stored, owner: owner), owner: owner)
    }
}
