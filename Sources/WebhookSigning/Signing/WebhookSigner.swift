public import WebhookEvents
public import WebhookPayload

/// Signs bodies for one webhook.
///
/// During a rotation a signer holds several secrets. `X-TaskFlow-Signature` holds one value, which verifiers in the wild
/// compare whole, so it is made with the primary secret only; `webhook-signature` is a list and carries one of each.
public struct WebhookSigner: Sendable {
    private let primary: SharedSecret
    private let others: [WebhookSecret]

    /// Creates a signer.
    ///
    /// - Parameters:
    ///   - primary: The shared secret that signs both headers.
    ///   - additional: Further shared secrets that are valid now and `whsk_` keys, for `webhook-signature` only.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` when the primary secret is not shared, or a
    ///   further one is a public key.
    public init(_ primary: WebhookSecret, additional: [WebhookSecret] = []) throws(SigningError) {
        guard !additional.contains(where: { $0.kind == .publicKey }) else {
            throw SigningError(
                .wrongKind, "A public key cannot sign", hint: "Give the `whsk_` key that the `whpk_` key belongs to.")
        }
        self.init(try SharedSecret(primary), others: additional)
    }

    init(_ primary: SharedSecret, others: [WebhookSecret]) {
        self.primary = primary
        self.others = others
    }

    /// The value of `X-TaskFlow-Signature`: `sha256=` and the HMAC-SHA256 of the body in lower-case hex.
    ///
    /// - Parameter body: The exact bytes that will be sent.
    /// - Returns: The value.
    public func taskFlowSignature(of body: Span<UInt8>) -> String {
        SignatureScheme.taskFlowCode(body, key: primary.taskFlowKey).hex(after: "sha256=")
    }

    /// The value of `webhook-signature`: one signature over id, timestamp and body for each secret.
    ///
    /// - Parameters:
    ///   - body: The exact bytes that will be sent.
    ///   - id: The value of `webhook-id`.
    ///   - moment: The time of this attempt; its whole seconds are the value of `webhook-timestamp`.
    /// - Returns: The value.
    public func standardSignature(of body: Span<UInt8>, id: EventID, at moment: Timestamp) -> String {
        let timestamp = String(moment.unixSeconds)
        var list = SignatureScheme.standardCode(body, id: id.rawValue, timestamp: timestamp, key: primary.standardKey)
            .base64(after: "v1,")
        for secret in others {
            let scheme: SignatureScheme = secret.kind == .shared ? .standardV1 : .standardV1a
            // A signature that libcrypto has no memory for is left out: the others still prove the request.
            guard let token = try? scheme.signature(of: body, id: id, at: moment, with: secret) else { continue }
            list += " " + token
        }
        return list
    }

    /// All header fields that prove one attempt.
    ///
    /// - Parameters:
    ///   - body: The exact bytes that will be sent.
    ///   - id: The event's id.
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
    /// The value of `X-TaskFlow-Signature` for a body held in an array.
    ///
    /// - Parameter body: The exact bytes that will be sent.
    /// - Returns: The value.
    public func taskFlowSignature(of body: [UInt8]) -> String { taskFlowSignature(of: body.span) }

    /// The value of `webhook-signature` for a body held in an array.
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
