public import WebhookEvents
public import WebhookPayload

/// Who asks: what the host's own authentication found out.
public struct APIPrincipal: Sendable, Hashable {
    /// The account whose webhooks it may see and change.
    public let account: AccountID

    /// Creates a principal.
    ///
    /// - Parameter account: The account whose webhooks it may see and change.
    public init(account: AccountID) { self.account = account }
}

/// A request of any server framework, taken apart.
public struct APIRequest: Sendable {
    /// The method, in upper case.
    public var method: String
    /// The path as it was sent, percent-encoded, without the query.
    public var path: String
    /// What stands behind the `?`, as it was sent; empty when there is none.
    public var query: String
    /// The header fields.
    public var headers: HeaderFields
    /// The whole body.
    public var body: [UInt8]
    /// Who asks; `nil` when nobody is known to.
    public var principal: APIPrincipal?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - method: The method, in upper case.
    ///   - path: The path as it was sent, percent-encoded.
    ///   - query: What stands behind the `?`, as it was sent.
    ///   - headers: The header fields.
    ///   - body: The whole body.
    ///   - principal: Who asks.
    public init(
        method: String, path: String, query: String = "", headers: HeaderFields = [:], body: [UInt8] = [],
        principal: APIPrincipal?
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.principal = principal
    }
}
