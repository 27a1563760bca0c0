internal import CLibCrypto

/// A public key for plain Ed25519 (RFC 8032, section 5.1) from libcrypto.
///
/// The context of each key is created once and copied for each message, so that no call has to fetch an algorithm.
@safe
package final class Ed25519PublicKey: @unchecked Sendable {
    // Unchecked because of the pointer; libcrypto only reads the context when it copies it.
    private let context: OpaquePointer
    /// The 32 bytes of RFC 8032.
    package let bytes: [UInt8]

    /// Creates a key from 32 bytes, or returns `nil` if they are not a usable key.
    ///
    /// A key of small order would accept forged signatures: OpenSSL accepts such keys, libsodium does not.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32, !Self.isWeak(bytes) else { return nil }
        let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        defer { unsafe EVP_PKEY_free(key) }
        guard let key = unsafe key, let context = unsafe EVP_MD_CTX_new() else { return nil }
        guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            return nil
        }
        unsafe self.context = unsafe context
        self.bytes = bytes
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Returns whether a signature of a message is valid for this key.
    package func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 64, let copy = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(copy) }
        guard unsafe EVP_MD_CTX_copy_ex(copy, context) == 1 else { return false }
        let isValid = unsafe EVP_DigestVerify(copy, signature, signature.count, message, message.count) == 1
        if !isValid { ERR_clear_error() }
        return isValid
    }

    /// Returns whether the point has small order, or is not in canonical form.
    private static func isWeak(_ bytes: [UInt8]) -> Bool {
        var y = bytes
        y[31] &= 0x7F
        let isCanonical = y[0] < 0xED || y[31] != 0x7F || y[1...30].contains { $0 != 0xFF }
        return !isCanonical || smallOrders.contains(y)
    }

    /// The canonical y-coordinates of the eight points whose order divides 8.
    ///
    /// Source: libsodium, `ge25519_has_small_order`; the check for the canonical form covers its entries above the
    /// prime.
    private static let smallOrders: [[UInt8]] = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
            0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        [
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
            0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
        [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
    ]
}

/// The private half of an Ed25519 key.
@safe
package final class Ed25519SigningKey: @unchecked Sendable {
    // Unchecked for the same reason as in the public half.
    private let context: OpaquePointer
    /// The public half.
    package let publicKey: Ed25519PublicKey

    /// Creates a key from a 32-byte seed, or returns `nil` if libcrypto rejects it.
    package init?(seed: [UInt8]) {
        let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
        defer { unsafe EVP_PKEY_free(key) }
        var (bytes, count) = ([UInt8](repeating: 0, count: 32), 32)
        guard seed.count == 32, let key = unsafe key, let context = unsafe EVP_MD_CTX_new() else { return nil }
        guard unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1,
            let publicKey = Ed25519PublicKey(bytes),
            unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
        else {
            unsafe EVP_MD_CTX_free(context)
            return nil
        }
        unsafe self.context = unsafe context
        self.publicKey = publicKey
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Returns the 64 bytes of the signature, or `nil` if libcrypto is out of memory.
    package func signature(of message: [UInt8]) -> [UInt8]? {
        guard let copy = unsafe EVP_MD_CTX_new() else { return nil }
        defer { unsafe EVP_MD_CTX_free(copy) }
        var (signature, count) = ([UInt8](repeating: 0, count: 64), 64)
        guard unsafe EVP_MD_CTX_copy_ex(copy, context) == 1,
            unsafe EVP_DigestSign(copy, &signature, &count, message, message.count) == 1, count == 64
        else {
            ERR_clear_error()
            return nil
        }
        return signature
    }
}
