internal import CLibCrypto

/// The 32 bytes of an HMAC-SHA256, held without an allocation.
package struct AuthenticationCode: Sendable {
    /// How many bytes it has.
    static let length = 32

    private var storage = SIMD32<UInt8>()

    init() {}

    /// Reads exactly 64 hexadecimal digits in either case.
    init?(hex text: UnsafeBufferPointer<UInt8>) {
        let isWellFormed = unsafe withUnsafeMutableBytes { bytes in
            unsafe text.count == 2 * bytes.count && Hex.decode(text, into: bytes)
        }
        guard isWellFormed else { return nil }
    }

    /// Reads canonical, padded base64 of exactly 32 bytes.
    init?(base64 text: UnsafeBufferPointer<UInt8>) {
        let count = unsafe text.count == 44 ? withUnsafeMutableBytes { unsafe Base64.decode(text, into: $0) } : nil
        guard count == Self.length else { return nil }
    }

    /// The code in lower-case hex behind a prefix.
    func hex(after prefix: StaticString) -> String {
        unsafe withUnsafeBytes { bytes in
            unsafe String(unsafeUninitializedCapacity: prefix.utf8CodeUnitCount + 2 * bytes.count) { text in
                let start = unsafe text.append(prefix)
                unsafe Hex.encode(bytes, into: .init(rebasing: text[start...]))
                return start + 2 * bytes.count
            }
        }
    }

    /// The code in base64 behind a prefix.
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

    /// Compares in time that does not depend on where the codes differ.
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
    /// Writes ASCII at the start and returns where the text goes on.
    fileprivate func append(_ prefix: StaticString) -> Int {
        for index in 0..<prefix.utf8CodeUnitCount { unsafe self[index] = unsafe prefix.utf8Start[index] }
        return prefix.utf8CodeUnitCount
    }
}
