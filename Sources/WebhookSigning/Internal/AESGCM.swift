internal import CLibCrypto

/// The bytes of a key, shared by all copies and overwritten when the last one is released.
package final class KeyMaterial: @unchecked Sendable {
    // Unchecked because `deinit` must cleanse the bytes, which needs `var`; no other code writes to them.
    private(set) var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    deinit { bytes.cleanse() }
}

/// One use of AES-256-GCM from libcrypto: a key with a 12-byte nonce that must not encrypt again.
package struct AESGCM {
    private static let tagLength = 16
    // Fetched once, and only read afterwards.
    private nonisolated(unsafe) static let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    package let key: KeyMaterial
    package let nonce: [UInt8]
    package let associatedData: [UInt8]

    package init(key: KeyMaterial, nonce: [UInt8], associatedData: [UInt8]) {
        self.key = key
        self.nonce = nonce
        self.associatedData = associatedData
    }

    /// Returns the ciphertext followed by its tag, or `nil` if libcrypto is out of memory.
    package func encrypt(_ plain: [UInt8]) -> [UInt8]? {
        unsafe withContext { context in
            var (text, tag, count) = (
                [UInt8](repeating: 0, count: plain.count), [UInt8](repeating: 0, count: Self.tagLength), Int32(0)
            )
            guard unsafe EVP_EncryptInit_ex(context, Self.cipher, nil, key.bytes, nonce) == 1,
                unsafe EVP_EncryptUpdate(context, nil, &count, associatedData, Int32(associatedData.count)) == 1,
                unsafe EVP_EncryptUpdate(context, &text, &count, plain, Int32(plain.count)) == 1,
                unsafe EVP_EncryptFinal_ex(context, nil, &count) == 1,
                unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, Int32(tag.count), &tag) == 1
            else { return nil }
            return text + tag
        }
    }

    /// Returns the plaintext, or `nil` if the tag does not match.
    package func decrypt(_ sealed: [UInt8]) -> [UInt8]? {
        unsafe withContext { context in
            let (cipher, last) = (Array(sealed.dropLast(Self.tagLength)), sealed.suffix(Self.tagLength))
            var (text, tag, count) = ([UInt8](repeating: 0, count: cipher.count), Array(last), Int32(0))
            guard tag.count == Self.tagLength,
                unsafe EVP_DecryptInit_ex(context, Self.cipher, nil, key.bytes, nonce) == 1,
                unsafe EVP_DecryptUpdate(context, nil, &count, associatedData, Int32(associatedData.count)) == 1,
                unsafe EVP_DecryptUpdate(context, &text, &count, cipher, Int32(cipher.count)) == 1,
                unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(tag.count), &tag) == 1,
                unsafe EVP_DecryptFinal_ex(context, nil, &count) == 1
            else {
                text.cleanse()
                ERR_clear_error()
                return nil
            }
            return text
        }
    }

    private func withContext(_ body: (OpaquePointer) -> [UInt8]?) -> [UInt8]? {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        return unsafe body(context)
    }
}
