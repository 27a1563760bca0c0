public import WebhookPayload

/// A webhook request as a server receives it, for tests of request handlers.
public struct TestRequest: Sendable, Hashable {
    /// The HTTP method.
    public var method = "POST"
    /// The header fields.
    public var headers: HeaderFields
    /// The raw body.
    public var body: [UInt8]

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - headers: The header fields.
    ///   - body: The raw body.
    public init(headers: HeaderFields, body: [UInt8]) {
        self.headers = headers
        self.body = body
    }
}

/// A fault in a request that a consumer must reject.
///
/// ```swift
/// @Test(arguments: TestFault.allCases)
/// func refuses(_ fault: TestFault) async throws {
///     let request = signer.request(for: sample, at: clock.now, fault: fault)
///     #expect(try await app.handle(request).status == fault.expectedStatus)
/// }
/// ```
public enum TestFault: String, Sendable, Hashable, CaseIterable {
    /// The request carries no signature.
    case noSignature
    /// The signatures are well-formed, but were made with another secret.
    case otherSecret
    /// The signatures are truncated; comparing strings of unequal length must not throw.
    case shortSignature
    /// The signature headers hold something that is not a signature.
    case malformedSignature
    /// One bit of the body was flipped.
    case changedBody
    /// A newline was added to the body.
    case trailingNewline
    /// The body was parsed and serialized again.
    case reserializedBody
    /// The body is signed, but is not JSON.
    case signedNonJSON
    /// The body is signed JSON, but not an envelope.
    case signedNonEnvelope
    /// `X-TaskFlow-Event` contradicts the signed body.
    case contradictingHeaders
    /// The `Content-Type` is not JSON.
    case wrongContentType
    /// The method is not `POST`.
    case wrongMethod
    /// The request was signed a year ago, and carries only signatures that include a timestamp.
    case stale

    /// The status that `WebhookReceiver` responds with, as every receiver should.
    public var expectedStatus: Int {
        switch self {
        case .signedNonJSON, .signedNonEnvelope, .contradictingHeaders: 400
        case .wrongMethod: 405
        case .wrongContentType: 415
        default: 401
        }
    }
}
