public import WebhookEvents
public import WebhookPayload
public import WebhookSigning

/// Creates signed requests as TaskFlow sends them, for tests of consumers.
///
/// The time of signing is an argument, so that a test can send a request that was signed yesterday. The fault is an
/// argument, so that a test can send a request that every consumer should reject.
public struct TestSigner: Sendable {
    private let signer: WebhookSigner
    private let other: WebhookSigner
    private let schemes: Set<SignatureScheme>

    /// Creates a signer.
    ///
    /// - Parameters:
    ///   - secret: The consumer's secret.
    ///   - additional: More secrets and `whsk_` keys, as during a rotation.
    ///   - schemes: The signature schemes to send; by default, all that the secrets support.
    /// - Throws: `SigningError` when the secrets cannot sign.
    public init(
        secret: WebhookSecret, additional: [WebhookSecret] = [],
        schemes: Set<SignatureScheme> = Set(SignatureScheme.allCases)
    ) throws {
        self.signer = try WebhookSigner(secret, additional: additional)
        self.other = try WebhookSigner(WebhookSecret("a secret that no consumer has"))
        self.schemes = schemes
    }

    /// Creates the request for an event.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - moment: The time of signing.
    ///   - attempt: The number of the attempt, counted from 1.
    ///   - delivery: The delivery's identifier, which is the same for every attempt.
    ///   - webhook: The webhook's identifier.
    ///   - isTest: Whether the request is marked as a test event.
    ///   - fault: The fault to add to the request.
    /// - Returns: The request.
    public func request(
        for event: Envelope, at moment: Timestamp, attempt: Int = 1, delivery: DeliveryID = "del_test",
        webhook: WebhookID = "wh_test", isTest: Bool = false, fault: TestFault? = nil
    ) -> TestRequest {
        let attempt = AttemptHeaders(
            eventID: event.id, type: event.type, webhookID: webhook, deliveryID: delivery, attempt: attempt,
            isTest: isTest)
        let sent = fault?.signedBody(event) ?? event.bytes
        let headers = attempt.fields(
            sent.span, signer: fault == .otherSecret ? other : signer,
            at: fault == .stale ? moment - .seconds(365 * 86_400) : moment)
        // The TaskFlow signature includes no timestamp, so it never expires.
        let kept = fault == .stale ? schemes.subtracting([.taskFlow]) : schemes
        var request = TestRequest(headers: headers.keeping(kept), body: sent)
        fault?.spoil(&request)
        return request
    }

    /// Creates the request for a body that is not an envelope, or for a custom envelope.
    ///
    /// - Parameters:
    ///   - body: The exact bytes.
    ///   - id: The value of `webhook-id`.
    ///   - type: The value of `X-TaskFlow-Event`.
    ///   - moment: The time of signing.
    /// - Returns: The request.
    public func request(body: [UInt8], id: EventID, type: EventType, at moment: Timestamp) -> TestRequest {
        let attempt = AttemptHeaders(eventID: id, type: type, webhookID: "wh_test", deliveryID: "del_test", attempt: 1)
        return TestRequest(
            headers: attempt.fields(body.span, signer: signer, at: moment).keeping(schemes), body: body)
    }
}

extension HeaderFields {
    /// Returns the fields with the signatures of the given schemes only.
    fileprivate func keeping(_ schemes: Set<SignatureScheme>) -> HeaderFields {
        changing { field in
            switch field.name {
            case HeaderName.signature: schemes.contains(.taskFlow) ? field.value : nil
            case HeaderName.standardSignature:
                field.value.split(separator: " ").filter { token in
                    schemes.contains(token.hasPrefix("v1a,") ? .standardV1a : .standardV1)
                }.joined(separator: " ")
            default: field.value
            }
        }
    }

    /// Returns the fields with changed values, without those whose value becomes `nil` or empty.
    fileprivate func changing(_ change: (Field) -> String?) -> HeaderFields {
        var result = HeaderFields()
        for field in lines {
            if let value = change(field), !value.isEmpty { result.append(field.name, value) }
        }
        return result
    }
}

extension TestFault {
    /// Returns the bytes to sign in place of the event's own, if the fault needs any.
    fileprivate func signedBody(_ event: Envelope) -> [UInt8]? {
        switch self {
        case .signedNonJSON: [0xFF, 0xFE, 0x7B]
        case .signedNonEnvelope: Array(#"{"hello":"world"}"#.utf8)
        default: nil
        }
    }

    /// Applies the fault to a signed request.
    fileprivate func spoil(_ request: inout TestRequest) {
        let signatures = [HeaderName.signature, HeaderName.standardSignature]
        switch self {
        case .noSignature: request.headers = request.headers.changing { signatures.contains($0.name) ? nil : $0.value }
        case .shortSignature:
            request.headers = request.headers.changing {
                signatures.contains($0.name) ? String($0.value.prefix(20)) : $0.value
            }
        case .malformedSignature:
            request.headers = request.headers.changing { signatures.contains($0.name) ? "nonsense" : $0.value }
        case .changedBody: request.body[request.body.count / 2] ^= 1
        case .trailingNewline: request.body.append(UInt8(ascii: "\n"))
        case .reserializedBody:
            request.body = request.body.flatMap { $0 == UInt8(ascii: ":") ? [$0, UInt8(ascii: " ")] : [$0] }
        case .contradictingHeaders:
            request.headers = request.headers.changing { $0.name == HeaderName.event ? "task.deleted" : $0.value }
            if request.headers[HeaderName.event] == nil { request.headers.append(HeaderName.event, "task.deleted") }
        case .wrongContentType:
            request.headers = request.headers.changing { $0.name == HeaderName.contentType ? "text/plain" : $0.value }
        case .wrongMethod: request.method = "GET"
        case .otherSecret, .signedNonJSON, .signedNonEnvelope, .stale: break
        }
    }
}
