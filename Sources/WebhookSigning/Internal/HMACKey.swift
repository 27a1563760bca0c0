internal import CLibCrypto

/// HMAC-SHA256 (RFC 2104) with the key absorbed once.
///
/// Both padded-key blocks are hashed when the key is made; a signature then copies 224 bytes of state and hashes only the
/// message. Nothing is fetched or allocated per call, and one key serves any number of threads: the state is copied,
/// never changed.
package final class HMACKey: @unchecked Sendable {
    // Unchecked because the state must be cleansed in `deinit`, which needs `var`; nothing else writes to it.
    private var inner = SHA256_CTX()
    private var outer = SHA256_CTX()

    package init(_ key: [UInt8]) {
        let blockSize = 64
        var block = key.count > blockSize ? HMACKey.digest(key) : key
        block.append(contentsOf: repeatElement(0, count: blockSize - block.count))
        absorb(block.map { $0 ^ 0x36 }, into: &inner)
        absorb(block.map { $0 ^ 0x5C }, into: &outer)
        block.cleanse()
    }

    deinit {
        unsafe OPENSSL_cleanse(&inner, MemoryLayout<SHA256_CTX>.size)
        unsafe OPENSSL_cleanse(&outer, MemoryLayout<SHA256_CTX>.size)
    }

    /// Starts the authentication of one message.
    package func begin() -> HMACComputation {
        HMACComputation(inner: inner, outer: outer)
    }

    private func absorb(_ block: [UInt8], into state: inout SHA256_CTX) {
        var block = block
        unsafe SHA256_Init(&state)
        unsafe SHA256_Update(&state, block, block.count)
        block.cleanse()
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state = SHA256_CTX()
        unsafe SHA256_Init(&state)
        unsafe SHA256_Update(&state, bytes, bytes.count)
        return state.finish()
    }
}

/// The authentication of one message, fed in parts.
package struct HMACComputation {
    private var inner: SHA256_CTX
    private var outer: SHA256_CTX

    fileprivate init(inner: SHA256_CTX, outer: SHA256_CTX) {
        self.inner = inner
        self.outer = outer
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            _ = unsafe SHA256_Update(&inner, buffer.baseAddress, buffer.count)
        }
    }

    package mutating func update(_ text: String) {
        update(Array(text.utf8).span)
    }

    /// The 32 bytes of the authentication code.
    package mutating func finish() -> [UInt8] {
        let digest = inner.finish()
        unsafe SHA256_Update(&outer, digest, digest.count)
        let code = outer.finish()
        unsafe OPENSSL_cleanse(&inner, MemoryLayout<SHA256_CTX>.size)
        unsafe OPENSSL_cleanse(&outer, MemoryLayout<SHA256_CTX>.size)
        return code
    }
}

extension SHA256_CTX {
    fileprivate mutating func finish() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            unsafe SHA256_Final(buffer.baseAddress, &self)
            count = 32
        }
    }
}

extension [UInt8] {
    /// Overwrites the bytes so that the compiler cannot leave it out.
    mutating func cleanse() {
        unsafe withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe OPENSSL_cleanse(start, buffer.count) }
        }
    }

    /// Compares in time that depends on the lengths only.
    func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        unsafe count == other.count && CRYPTO_memcmp(self, other, count) == 0
    }
}
