public import WebhookEvents
internal import WebhookPayload

/// How a request can prove who sent it.
@nonexhaustive
public enum SignatureScheme: String, Sendable, Hashable, CaseIterable {
    /// `X-TaskFlow-Signature`: the body alone is signed, so a captured request verifies for ever.
    case taskFlow = "taskflow-sha256"
    /// Standard Webhooks `v1`: HMAC-SHA256 over id, time and body.
    case standardV1 = "standard-v1"
    /// Standard Webhooks `v1a`: Ed25519 over id, time and body.
    case standardV1a = "standard-v1a"
}

extension SignatureScheme {
    /// Signs one body with one secret.
    ///
    /// - Parameters:
    ///   - body: The exact bytes that will be sent.
    ///   - id: The value of `webhook-id`; the TaskFlow scheme does not sign it.
    ///   - moment: The time of this attempt, in whole seconds; the TaskFlow scheme does not sign it.
    ///   - secret: A shared secret for the first two schemes, a signing key for ``standardV1a``.
    /// - Returns: The signature as it stands in its header, for example `sha256=…` or `v1,…`.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` when the secret cannot make such a signature.
    public func signature(
        of body: Span<UInt8>, id: EventID, at moment: Timestamp, with secret: WebhookSecret
    ) throws(SigningError) -> String {
        switch (self, secret.storage.keys) {
        case (.taskFlow, .shared(let key, _)):
            return Self.taskFlowCode(body, key: key).hex(after: "sha256=")
        case (.standardV1, .shared(_, let key)):
            return Self.standardCode(body, id: id.rawValue, timestamp: String(moment.unixSeconds), key: key)
                .base64(after: "v1,")
        case (.standardV1a, .signing(let key)):
            let message = Self.signedText(body, id: id.rawValue, timestamp: String(moment.unixSeconds))
            guard let signature = key.signature(of: message) else {
                throw SigningError(.unusableKey, "libcrypto could not sign", hint: "It is out of memory.")
            }
            return "v1a," + Base64.encode(signature)
        default:
            throw SigningError(
                .wrongKind, "A \(secret.kind) secret makes no \(rawValue) signature",
                hint: "`v1a` takes a `whsk_` key; the other schemes take a shared secret.")
        }
    }

    static func taskFlowCode(_ body: Span<UInt8>, key: HMACKey) -> AuthenticationCode {
        var computation = key.begin()
        computation.update(body)
        return computation.finish()
    }

    /// Signs `id.timestamp.body`, with id and timestamp as they stand in the headers.
    static func standardCode(
        _ body: Span<UInt8>, id: String, timestamp: String, key: HMACKey
    ) -> AuthenticationCode {
        var computation = key.begin()
        computation.update(id: id, timestamp: timestamp)
        computation.update(body)
        return computation.finish()
    }

    /// The bytes `id.timestamp.body`, for schemes that need them in one piece.
    static func signedText(_ body: Span<UInt8>, id: String, timestamp: String) -> [UInt8] {
        var text = Array("\(id).\(timestamp).".utf8)
        text.reserveCapacity(text.count + body.count)
        unsafe body.withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
        return text
    }
}

extension HMACComputation {
    /// Absorbs what stands in front of the body in the Standard Webhooks schemes.
    mutating func update(id: String, timestamp: String) {
        let room = 128
        guard id.utf8.count + timestamp.utf8.count + 2 <= room else {
            for part in [id, ".", timestamp, "."] { update(part) }
            return
        }
        // One call for the four parts, from a buffer on the stack.
        unsafe withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer in
            var count = 0
            func append(_ text: String) {
                unsafe text.withBytes { bytes in
                    for index in 0..<bytes.count { unsafe buffer[count + index] = unsafe bytes[index] }
                    count += bytes.count
                }
                unsafe buffer[count] = UInt8(ascii: ".")
                count += 1
            }
            append(id)
            append(timestamp)
            unsafe update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
