public import WebhookPayload

/// A webhook request as a server receives it, for tests of whatever handles it.
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

/// What can be wrong with a request that a consumer must not act on.
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
    /// The signatures are well-formed and made with another secret.
    case otherSecret
    /// A signature was cut short: comparing lengths must not throw.
    case shortSignature
    /// The header holds something else than a signature.
    case nonsenseSignature
    /// One bit of the body was flipped.
    case changedBody
    /// A newline was added to the body.
    case trailingNewline
    /// The body was parsed and printed again.
    case reprintedBody
    /// The body is no JSON at all, and signed.
    case signedJunk
    /// The body is JSON without being an envelope, and signed.
    case signedOther
    /// `X-TaskFlow-Event` and `webhook-id` contradict the signed body.
    case contradictingHeaders
    /// The body does not say that it is JSON.
    case wrongContentType
    /// The method is not `POST`.
    case wrongMethod
    /// The request was signed a year ago, and carries only the proof that holds a time.
    case stale

    /// What a `WebhookReceiver` answers, and what any other receiver should.
    public var expectedStatus: Int {
        switch self {
        case .signedJunk, .signedOther, .contradictingHeaders: 400
        case .wrongMethod: 405
        case .wrongContentType: 415
        default: 401
        }
    }
}
