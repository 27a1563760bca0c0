public import WebhookEvents
public import WebhookPayload

/// What to answer with, in any server framework.
public struct APIResponse: Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// The header fields, without `Content-Length`.
    public var headers: HeaderFields
    /// The body; empty when there is none.
    public var body: [UInt8]

    /// Creates a response without a body.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - headers: The header fields.
    public init(_ status: Int, headers: HeaderFields = [:]) {
        self.status = status
        self.headers = headers
        self.body = []
    }

    /// Creates a response with a JSON document.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - document: The document.
    ///   - headers: The header fields beside those that describe the body.
    public init(_ status: Int, _ document: JSONValue, headers: HeaderFields = [:]) {
        self.init(status, document, as: "application/json", headers: headers)
    }

    init(_ status: Int, _ document: JSONValue, as mediaType: String, headers: HeaderFields) {
        self.status = status
        self.headers = headers
        self.headers.append(HeaderName.contentType, mediaType)
        // What an account has is for nobody's cache.
        self.headers.append("Cache-Control", "no-store")
        self.body = document.encoded()
    }
}
