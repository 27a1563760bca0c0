internal import CLibCrypto

/// The 32 bytes of an HMAC-SHA256, stored without an allocation.
package struct AuthenticationCode: Sendable {
    /// The length in bytes.
    static let length = 32

    private var storage = SIMD32<UInt8>()

    init() {}

    /// Creates a code from exactly 64 hexadecimal digits in either case.
    init?(hex text: UnsafeBufferPointer<UInt8>) {
        let isWellFormed = unsafe withUnsafeMutableBytes { bytes in
            unsafe text.count == 2 * bytes.count && Hex.decode(text, into: bytes)
        }
        guard isWellFormed else { return nil }
    }

    /// Creates a code from canonical, padded base64 of exactly 32 bytes.
    init?(base64 text: UnsafeBufferPointer<UInt8>) {
        let count = unsafe text.count == 44 ? withUnsafeMutableBytes { unsafe Base64.decode(text, into: $0) } : nil
        guard count == Self.length else { return nil }
    }

    /// Returns a prefix followed by the code in lower-case hexadecimal.
    func hex(after prefix: StaticString) -> String {
        unsafe withUnsafeBytes { bytes in
            unsafe String(unsafeUninitializedCapacity: prefix.utf8CodeUnitCount + 2 * bytes.count) { text in
                let start = unsafe text.append(prefix)
                unsafe Hex.encode(bytes, into: .init(rebasing: text[start...]))
                return start + 2 * bytes.count
            }
        }
    }

    /// Returns a prefix followed by the code in base64.
    func base64(after prefix: StaticString) -> String {
        unsafe withUnsafeBytes { bytes in
            unsafe String(unsafeUninitializedCapacity: prefix.utf8CodeUnitCount + 44) { text in
                let start = unsafe text.append(prefix)
                return unsafe start + Base64.encode(bytes, into: .init(rebasing: text[start...]))
            }
        }
    }

    /// The code as bytes.
    package var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }

    /// Returns whether two codes are equal, in time that does not depend on where they differ.
    func isEqualInConstantTime(to other: AuthenticationCode) -> Bool {
        unsafe withUnsafeBytes { mine in
            unsafe other.withUnsafeBytes { theirs in
                unsafe CRYPTO_memcmp(mine.baseAddress, theirs.baseAddress, Self.length) == 0
            }
        }
    }

    mutating func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        unsafe Swift.withUnsafeMutableBytes(of: &storage, body)
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe Swift.withUnsafeBytes(of: storage, body)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Writes ASCII text at the start, and returns the index after it.
    fileprivate func append(_ prefix: StaticString) -> Int {
        for index in 0..<prefix.utf8CodeUnitCount { unsafe self[index] = unsafe prefix.utf8Start[index] }
        return prefix.utf8CodeUnitCount
    }
}
