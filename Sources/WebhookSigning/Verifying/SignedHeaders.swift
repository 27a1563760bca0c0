internal import WebhookPayload

/// The values of `webhook-id`, `webhook-timestamp` and `webhook-signature`.
struct StandardHeaders {
    /// The maximum number of `v1a` signatures that are tried per request.
    ///
    /// Each one hashes the whole body again, and any client can send a request. A sender that changes keys sends two.
    static let maximumKeySignatures = 4

    /// The identifier, as signed.
    let id: String
    /// The text of the timestamp, as signed.
    let timestamp: String
    /// The value of the timestamp.
    let unixSeconds: Int64
    /// The first well-formed `v1` signature; a list usually has only one.
    private(set) var code: AuthenticationCode?
    /// The other well-formed `v1` signatures.
    private var otherCodes: [AuthenticationCode] = []
    /// The well-formed `v1a` signatures.
    private(set) var keySignatures: [[UInt8]] = []

    /// Returns whether all three headers are absent.
    static func areAbsent(from headers: HeaderFields) -> Bool {
        [HeaderName.standardID, HeaderName.standardTimestamp, HeaderName.standardSignature]
            .allSatisfy { headers.values($0).isEmpty }
    }

    init(_ headers: HeaderFields) throws(VerificationError) {
        id = try headers.single(HeaderName.standardID, expected: "an identifier").trimmed
        guard unsafe id.withBytes({ unsafe $0.isIdentifier }) else {
            throw .malformed(HeaderName.standardID, expected: "an identifier in ASCII without a dot")
        }
        timestamp = try headers.single(HeaderName.standardTimestamp, expected: "Unix seconds").trimmed
        guard let seconds = unsafe timestamp.withBytes({ unsafe $0.decimalDigits }) else {
            throw .malformed(
                HeaderName.standardTimestamp, expected: "Unix seconds in decimal digits, without leading zeros")
        }
        unixSeconds = seconds
        let list = try headers.single(HeaderName.standardSignature, expected: "a list of signatures")
        unsafe list.withBytes { unsafe read($0) }
        guard code != nil || !keySignatures.isEmpty else {
            throw .malformed(HeaderName.standardSignature, expected: "a list with a `v1,` or `v1a,` signature")
        }
    }

    /// Returns whether one of the `v1` signatures equals a code, comparing each in constant time.
    func contains(_ expected: AuthenticationCode) -> Bool {
        if let code, code.isEqualInConstantTime(to: expected) { return true }
        return otherCodes.contains(where: expected.isEqualInConstantTime)
    }

    /// Parses a list separated by spaces; as specified, other versions and malformed tokens are skipped.
    private mutating func read(_ list: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for end in 0...list.count
        where unsafe end == list.count || list[end] == UInt8(ascii: " ") || list[end] == UInt8(ascii: "\t") {
            unsafe add(.init(rebasing: list[start..<end]))
            start = end + 1
        }
    }

    private mutating func add(_ token: UnsafeBufferPointer<UInt8>) {
        if unsafe token.starts(with: "v1,") {
            guard let code = unsafe AuthenticationCode(base64: .init(rebasing: token[3...])) else { return }
            if self.code == nil { self.code = code } else { otherCodes.append(code) }
        } else if unsafe token.starts(with: "v1a,"), keySignatures.count < Self.maximumKeySignatures {
            if let signature = unsafe Base64.decode(token[4...]), signature.count == 64 {
                keySignatures.append(signature)
            }
        }
    }
}

// The signatures in the headers of a request, which are read before the body.
extension HeaderFields {
    /// Parses `X-TaskFlow-Signature`: the exact prefix and 64 hexadecimal digits in either case, trimmed of spaces and
    /// tabs.
    func taskFlowCode() throws(VerificationError) -> AuthenticationCode {
        let expected = "`sha256=` and 64 hexadecimal digits"
        let code = try unsafe single(HeaderName.signature, expected: expected).withBytes { text in
            let text = unsafe text.trimmed
            return unsafe text.starts(with: "sha256=") ? AuthenticationCode(hex: .init(rebasing: text[7...])) : nil
        }
        guard let code else { throw .malformed(HeaderName.signature, expected: expected) }
        return code
    }

    /// Returns the value of a field that must occur exactly once.
    fileprivate func single(_ name: String, expected: String) throws(VerificationError) -> String {
        switch occurrence(of: name) {
        case .once(let value): return value
        case .missing: throw .missing(name)
        case .repeated: throw .malformed(name, expected: expected)
        }
    }
}

extension String {
    /// The text without the spaces and tabs around it.
    var trimmed: String {
        let trimmed = unsafe withBytes { bytes in unsafe bytes.trimmed.count == bytes.count ? nil : Array(bytes.trimmed)
        }
        return trimmed.map { String(decoding: $0, as: UTF8.self) } ?? self
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes without the spaces and tabs around them.
    fileprivate var trimmed: Self {
        var (start, end) = (0, count)
        while start < end, unsafe self[start] == UInt8(ascii: " ") || self[start] == UInt8(ascii: "\t") { start += 1 }
        while end > start, unsafe self[end - 1] == UInt8(ascii: " ") || self[end - 1] == UInt8(ascii: "\t") { end -= 1 }
        return unsafe Self(rebasing: self[start..<end])
    }

    fileprivate func starts(with prefix: StaticString) -> Bool {
        guard count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where unsafe self[index] != prefix.utf8Start[index] { return false }
        return true
    }

    /// Printable ASCII without a dot: a dot could move the boundary between the signed parts.
    fileprivate var isIdentifier: Bool {
        unsafe !isEmpty && allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ".") }
    }

    /// The value of 1 to 12 digits; a number parser would also accept `+1`, `nan`, `1e9` and `1.5`.
    fileprivate var decimalDigits: Int64? {
        guard (1...12).contains(count), unsafe count == 1 || self[0] != UInt8(ascii: "0") else { return nil }
        var number: Int64 = 0
        for index in 0..<count {
            let digit = unsafe self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
        }
        return number
    }
}
