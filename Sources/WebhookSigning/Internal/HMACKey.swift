internal import CLibCrypto
internal import WebhookPayload

/// A key for HMAC-SHA256 (RFC 2104) that is hashed only once.
///
/// Both padded key blocks are hashed when the key is created; a signature then copies 224 bytes of state and hashes
/// only the message. A call fetches and allocates nothing. Any number of threads can use a key, because its state is
/// copied and never changed.
@safe
package final class HMACKey: @unchecked Sendable {
    // Unchecked because of the pointer; its memory is written only in `init` and `deinit`.
    private let states: UnsafeMutablePointer<SHA256_CTX>

    package init(_ key: [UInt8]) {
        let blockSize = 64
        var block = key.count > blockSize ? HMACKey.digest(key) : key
        block.append(contentsOf: repeatElement(0, count: blockSize - block.count))
        unsafe states = .allocate(capacity: 2)
        for (index, padding) in [0x36, 0x5C].enumerated() as EnumeratedSequence<[UInt8]> {
            var padded = block.map { $0 ^ padding }
            unsafe (states + index).initialize(to: SHA256_CTX())
            unsafe SHA256_Init(states + index)
            unsafe SHA256_Update(states + index, padded, padded.count)
            padded.cleanse()
        }
        block.cleanse()
    }

    deinit {
        unsafe OPENSSL_cleanse(states, 2 * MemoryLayout<SHA256_CTX>.stride)
        unsafe states.deallocate()
    }

    /// Starts the computation for one message.
    package func begin() -> HMACComputation {
        unsafe HMACComputation(inner: states[0], outer: states[1])
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state = SHA256_CTX()
        unsafe SHA256_Init(&state)
        unsafe SHA256_Update(&state, bytes, bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            unsafe SHA256_Final(buffer.baseAddress, &state)
            count = 32
        }
    }
}

/// The computation of the code of one message that is processed in parts.
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
        unsafe text.withBytes { unsafe update(UnsafeRawBufferPointer($0)) }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe SHA256_Update(&inner, bytes.baseAddress, bytes.count)
    }

    /// Returns the code, and overwrites the state, because it reveals the hash of the key.
    package mutating func finish() -> AuthenticationCode {
        var code = AuthenticationCode()
        unsafe code.withUnsafeMutableBytes { buffer in
            let digest = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe SHA256_Final(digest, &inner)
            unsafe SHA256_Update(&outer, digest, buffer.count)
            unsafe SHA256_Final(digest, &outer)
        }
        unsafe OPENSSL_cleanse(&self, MemoryLayout<Self>.size)
        return code
    }
}

extension [UInt8] {
    /// Overwrites the bytes with zeros in a way that the compiler cannot optimise away.
    mutating func cleanse() {
        unsafe withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe OPENSSL_cleanse(start, buffer.count) }
        }
    }
}
