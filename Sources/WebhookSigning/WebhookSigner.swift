public import WebhookEvents
internal import WebhookPayload

/// Signs bodies for one webhook.
///
/// During a rotation a signer holds several secrets. `X-TaskFlow-Signature` holds one value, which verifiers in the wild
/// compare whole, so it is made with the primary secret only; `webhook-signature` is a list and carries one of each.
public struct WebhookSigner: Sendable {
    private let primary: WebhookSecret
    private let additional: [WebhookSecret]

    /// Creates a signer.
    ///
    /// - Parameters:
    ///   - primary: The secret that signs both headers.
    ///   - additional: Further secrets that are valid now, for `webhook-signature` only.
    public init(_ primary: WebhookSecret, additional: [WebhookSecret] = []) {
        self.primary = primary
        self.additional = additional
    }

    /// The value of `X-TaskFlow-Signature`: `sha256=` and the HMAC-SHA256 of the body in lower-case hex.
    ///
    /// - Parameter body: The exact bytes that will be sent.
    /// - Returns: The value.
    public func taskFlowSignature(of body: Span<UInt8>) -> String {
        "sha256=" + Hex.encode(SignatureScheme.taskFlowCode(body, key: primary.taskFlowKey))
    }

    /// The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over id, timestamp and body, once a secret.
    ///
    /// - Parameters:
    ///   - body: The exact bytes that will be sent.
    ///   - id: The value of `webhook-id`.
    ///   - moment: The time of this attempt; its whole seconds are the value of `webhook-timestamp`.
    /// - Returns: The value.
    public func standardSignature(of body: Span<UInt8>, id: EventID, at moment: Timestamp) -> String {
        var signatures: [String] = []
        for secret in [primary] + additional {
            let code = SignatureScheme.standardCode(
                body, id: id.rawValue, timestamp: String(moment.unixSeconds), key: secret.standardKey)
            signatures.append("v1," + Base64.encode(code))
        }
        return signatures.joined(separator: " ")
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

/// How a request can prove who sent it.
@nonexhaustive
public enum SignatureScheme: String, Sendable, Hashable {
    /// `X-TaskFlow-Signature`: the body alone is signed, so a captured request verifies for ever.
    case taskFlow = "taskflow-sha256"
    /// Standard Webhooks `v1`: id, time and body are signed.
    case standardV1 = "standard-v1"

    static func taskFlowCode(_ body: Span<UInt8>, key: HMACKey) -> [UInt8] {
        var computation = key.begin()
        computation.update(body)
        return computation.finish()
    }

    /// Signs `id.timestamp.body`, with id and timestamp as they stand in the headers.
    static func standardCode(_ body: Span<UInt8>, id: String, timestamp: String, key: HMACKey) -> [UInt8] {
        var computation = key.begin()
        computation.update("\(id).\(timestamp).")
        computation.update(body)
        return computation.finish()
    }
}
