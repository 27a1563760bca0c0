/// How stores keep what nobody who reads their tables may see: sealed when the host gives a sealing, and marked so that
/// rows from before and after can be told apart.
package struct SecretColumn: Sendable {
    private enum Form: UInt8 {
        case plain = 0
        case sealed = 1
    }

    private let sealing: (any SecretSealing)?

    package init(sealing: (any SecretSealing)?) { self.sealing = sealing }

    /// The bytes to store.
    ///
    /// - Parameters:
    ///   - bytes: What to keep secret.
    ///   - owner: Whose they are and which column they stand in: sealed bytes do not open anywhere else.
    /// - Returns: The form, and the bytes.
    /// - Throws: ``SigningError``.
    package func encode(_ bytes: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        guard let sealing else { return [Form.plain.rawValue] + bytes }
        return [Form.sealed.rawValue] + (try sealing.seal(bytes, owner: owner))
    }

    /// The bytes that were stored, sealed or not.
    ///
    /// - Parameters:
    ///   - stored: What ``encode(_:owner:)`` returned.
    ///   - owner: Whose they are.
    /// - Returns: The bytes.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/cannotUnseal``.
    package func decode(_ stored: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        switch (stored.first.flatMap(Form.init(rawValue:)), sealing) {
        case (.plain, _): return Array(stored.dropFirst())
        case (.sealed, let sealing?): return try sealing.open(Array(stored.dropFirst()), owner: owner)
        case (.sealed, nil):
            throw SigningError(
                .cannotUnseal, "The stored secrets are sealed, and the store has no sealing",
                hint: "Give the store the SecretSealing that it was used with before.")
        case (nil, _):
            throw SigningError(
                .cannotUnseal, "The stored secrets cannot be read",
                hint: "They were changed by hand or written by a later version.")
        }
    }

    /// The same bytes, stored as they are stored now.
    package func reencode(_ stored: [UInt8], owner: String) throws(SigningError) -> [UInt8] {
        try encode(decode(stored, owner: owner), owner: owner)
    }
}
