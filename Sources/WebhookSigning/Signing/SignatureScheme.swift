public import WebhookEvents
internal import WebhookPayload

/// A scheme that signs a request.
@nonexhaustive
public enum SignatureScheme: String, Sendable, Hashable, CaseIterable {
    /// `X-TaskFlow-Signature`: only the body is signed, so a captured request remains valid forever.
    case taskFlow = "taskflow-sha256"
    /// Standard Webhooks `v1`: HMAC-SHA256 over identifier, time and body.
    case standardV1 = "standard-v1"
    /// Standard Webhooks `v1a`: Ed25519 over identifier, time and body.
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
    /// - Returns: The signature as written in its header, for example `sha256=…` or `v1,…`.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` if the secret cannot make such a signature.
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
                throw SigningError(
                    .unusableKey, "libcrypto has no memory to sign", hint: "Retry when more memory is free.")
            }
            return "v1a," + Base64.encode(signature)
        default:
            throw SigningError(
                .wrongKind, "A secret of kind \(secret.kind) cannot make a \(rawValue) signature",
                hint: "Use a `whsk_` key for `v1a`, and a shared secret for the other schemes.")
        }
    }

    static func taskFlowCode(_ body: Span<UInt8>, key: HMACKey) -> AuthenticationCode {
        var computation = key.begin()
        computation.update(body)
        return computation.finish()
    }

    /// Signs `id.timestamp.body`, with identifier and timestamp as written in the headers.
    static func standardCode(
        _ body: Span<UInt8>, id: String, timestamp: String, key: HMACKey
    ) -> AuthenticationCode {
        var computation = key.begin()
        computation.update(id: id, timestamp: timestamp)
        computation.update(body)
        return computation.finish()
    }

    /// Returns the bytes `id.timestamp.body`, for schemes that need the whole message at once.
    static func signedText(_ body: Span<UInt8>, id: String, timestamp: String) -> [UInt8] {
        var text = Array("\(id).\(timestamp).".utf8)
        text.reserveCapacity(text.count + body.count)
        unsafe body.withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
        return text
    }
}

extension HMACComputation {
    /// Hashes the text before the body in the Standard Webhooks schemes.
    mutating func update(id: String, timestamp: String) {
        let room = 128
        guard id.utf8.count + timestamp.utf8.count + 2 <= room else {
            for part in [id, ".", timestamp, "."] { update(part) }
            return
        }
        // Hashes the four parts with one call, from a buffer on the stack.
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
