/// The parsed and validated URL of a webhook.
///
/// Requests are built from these parts, so the policy and the HTTP client cannot disagree on where a URL leads. Parsers
/// disagree on backslashes, user names, percent signs, tabs and numbers in hosts; this strict parser rejects all of
/// them.
public struct EndpointURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether the scheme is `https`.
    public let isSecure: Bool
    /// The host in lower case: a name without a trailing dot, or the description of an ``IPAddress``, without brackets.
    public let host: String
    /// The address if the host is one.
    public let address: IPAddress?
    /// The explicit or default port.
    public let port: Int
    /// The path and query as given, at least `/`.
    public let target: String

    /// The maximum length of a URL, in bytes.
    public static let maximumLength = 2048

    /// Parses and validates a URL.
    ///
    /// - Parameters:
    ///   - text: The URL, for example `https://yourapp.com/webhooks/taskflow`.
    ///   - policy: The policy to validate against.
    /// - Throws: ``EndpointError`` with the reason and a hint.
    public init(_ text: String, policy: EndpointPolicy) throws(EndpointError) {
        try Self.checkCharacters(text)
        let (isSecure, rest) = try Self.scheme(of: text, policy)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let (hostText, portText) = try Self.split(rest[..<end])
        let target = rest[end...]
        self.isSecure = isSecure
        self.port = try Self.port(portText, isSecure: isSecure, policy)
        self.target = (target.first == UInt8(ascii: "/") ? "" : "/") + String(decoding: target, as: UTF8.self)
        (self.host, self.address) = try Self.host(hostText, policy)
    }

    /// Parses and validates a URL at registration, when its owner can still correct it.
    ///
    /// In addition, the URL must follow RFC 3986, since servers such as Tomcat, Jetty and nginx answer anything else
    /// with 400, and its internationalized labels must be valid in IDNA 2008. Existing webhooks are not affected.
    ///
    /// - Parameters:
    ///   - text: The URL.
    ///   - policy: The policy to validate against.
    /// - Throws: ``EndpointError`` with the reason and a hint.
    public init(registering text: String, policy: EndpointPolicy) throws(EndpointError) {
        try self.init(text, policy: policy)
        try Self.checkEncoding(text)
        guard address != nil || HostName.hasRealLabels(host) || policy.allowedHosts.contains(host) else {
            throw EndpointError(
                .host, "The host has an `xn--…` label that is not valid in IDNA 2008",
                hint: "Copy the ASCII form of the name from its registry; emoji and symbols are not allowed in names.")
        }
    }

    /// The URL as text, built from its parts.
    public var description: String { (isSecure ? "https://" : "http://") + authority + target }

    /// Host and port as in a URL and a `Host` field: an IPv6 address in brackets, the default port omitted.
    public var authority: String {
        let implied = isSecure ? 443 : 80
        return (host.contains(":") ? "[\(host)]" : host) + (port == implied ? "" : ":\(port)")
    }
}
