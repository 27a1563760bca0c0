public import WebhookEvents
public import WebhookPayload

/// A signer of bodies for one webhook.
///
/// During a rotation, a signer has several secrets. `X-TaskFlow-Signature` has one value, which existing verifiers
/// compare as a whole, so only the primary secret signs it. `webhook-signature` is a list with one signature per
/// secret.
public struct WebhookSigner: Sendable {
    private let primary: SharedSecret
    private let others: [WebhookSecret]

    /// Creates a signer.
    ///
    /// - Parameters:
    ///   - primary: The shared secret that signs both headers.
    ///   - additional: Other valid shared secrets and `whsk_` keys, for `webhook-signature` only.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` if the primary secret is not shared, or if
    ///   an additional one is a public key.
    public init(_ primary: WebhookSecret, additional: [WebhookSecret] = []) throws(SigningError) {
        guard !additional.contains(where: { $0.kind == .publicKey }) else {
            throw SigningError(
                .wrongKind, "A public key cannot sign", hint: "Use the `whsk_` key that the `whpk_` key belongs to.")
        }
        self.init(try SharedSecret(primary), others: additional)
    }

    init(_ primary: SharedSecret, others: [WebhookSecret]) {
        self.primary = primary
        self.others = others
    }

    /// Returns the value of `X-TaskFlow-Signature`: `sha256=` and the HMAC-SHA256 of the body in lower-case
    /// hexadecimal.
    ///
    /// - Parameter body: The exact bytes that will be sent.
    /// - Returns: The value.
    public func taskFlowSignature(of body: Span<UInt8>) -> String {
        SignatureScheme.taskFlowCode(body, key: primary.taskFlowKey).hex(after: "sha256=")
    }

    /// Returns the value of `webhook-signature`: one signature over identifier, timestamp and body per secret.
    ///
    /// - Parameters:
    ///   - body: The exact bytes that will be sent.
    ///   - id: The value of `webhook-id`.
    ///   - moment: The time of this attempt; `webhook-timestamp` has its whole seconds.
    /// - Returns: The value.
    public func standardSignature(of body: Span<UInt8>, id: EventID, at moment: Timestamp) -> String {
        let timestamp = String(moment.unixSeconds)
        var list = SignatureScheme.standardCode(body, id: id.rawValue, timestamp: timestamp, key: primary.standardKey)
            .base64(after: "v1,")
        for secret in others {
            let scheme: SignatureScheme = secret.kind == .shared ? .standardV1 : .standardV1a
            // If libcrypto has no memory for a signature, it is omitted; the others still prove the request.
            guard let token = try? scheme.signature(of: body, id: id, at: moment, with: secret) else { continue }
            list += " " + token
        }
        return list
    }

    /// Returns the header fields that sign one attempt.
    ///
    /// - Parameters:
    ///   - body: The exact bytes that will be sent.
    ///   - id: The identifier of the event.
    ///   - moment: The time of this attempt.
    /// - Returns: `X-TaskFlow-Signature` and the three `webhook-` fields.
    public func headers(for body: Span<UInt8>, id: EventID, at moment: Timestamp) -> HeaderFields {
        [
            HeaderName.signature: taskFlowSignature(of: body),
            HeaderName.standardID: id.rawValue,
            HeaderName.standardTimestamp: String(moment.unixSeconds),
            HeaderName.standardSignature: standardSignature(of: body, id: id, at: moment),
        ]
    }
}

extension WebhookSigner {
    /// Returns the value of `X-TaskFlow-Signature` for a body in an array.
    ///
    /// - Parameter body: The exact bytes that will be sent.
    /// - Returns: The value.
    public func taskFlowSignature(of body: [UInt8]) -> String { taskFlowSignature(of: body.span) }

    /// Returns the value of `webhook-signature` for a body in an array.
    ///
    /// - Parameters:
    ///   - body: The exact bytes that will be sent.
    ///   - id: The value of `webhook-id`.
    ///   - moment: The time of this attempt.
    /// - Returns: The value.
    public func standardSignature(of body: [UInt8], id: EventID, at moment: Timestamp) -> String {
        standardSignature(of: body.span, id: id, at: moment)
    }
}
