public import WebhookEvents
public import WebhookPayload

/// A response, independent of the server framework.
public struct APIResponse: Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// The header fields, without `Content-Length`.
    public var headers: HeaderFields
    /// The body; empty if there is none.
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
    ///   - headers: Header fields in addition to those that describe the body.
    public init(_ status: Int, _ document: JSONValue, headers: HeaderFields = [:]) {
        self.init(status, document, as: "application/json", headers: headers)
    }

    init(_ status: Int, _ document: JSONValue, as mediaType: String, headers: HeaderFields) {
        self.status = status
        self.headers = headers
        self.headers.append(HeaderName.contentType, mediaType)
        // Caches must not store an account's data.
        self.headers.append("Cache-Control", "no-store")
        self.body = document.encoded()
    }
}
