public import WebhookEvents
public import WebhookPayload

/// The caller that the host has authenticated.
public struct APIPrincipal: Sendable, Hashable {
    /// The account whose webhooks the caller may see and change.
    public let accountID: AccountID

    /// Creates a principal.
    ///
    /// - Parameter accountID: The account whose webhooks the caller may see and change.
    public init(accountID: AccountID) { self.accountID = accountID }
}

/// A request, independent of the server framework.
public struct APIRequest: Sendable {
    /// The method, in upper case.
    public var method: String
    /// The path as it was sent, percent-encoded, without the query.
    public var path: String
    /// The query after the `?`, as it was sent; empty if there is none.
    public var query: String
    /// The header fields.
    public var headers: HeaderFields
    /// The whole body.
    public var body: [UInt8]
    /// The authenticated caller; `nil` if the request is not authenticated.
    public var principal: APIPrincipal?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - method: The method, in upper case.
    ///   - path: The path as it was sent, percent-encoded.
    ///   - query: The query after the `?`, as it was sent.
    ///   - headers: The header fields.
    ///   - body: The whole body.
    ///   - principal: The authenticated caller; `nil` if the request is not authenticated.
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
