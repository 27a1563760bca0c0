/// A webhook's URL, taken apart by our own strict parser.
///
/// Requests are built from these parts, so the checker and the client cannot disagree on where a URL leads. Parsers do
/// disagree on backslashes, user names, percent signs, tabs and numbers in hosts; all of those are refused.
public struct EndpointURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether the scheme is `https`.
    public let isSecure: Bool
    /// The host in lower case: a name without a trailing dot, or an address as ``IPAddress`` writes it, without brackets.
    public let host: String
    /// The address, when the host is one.
    public let address: IPAddress?
    /// The port, given or implied.
    public let port: Int
    /// The path and query as given, at least `/`.
    public let target: String

    /// The longest URL, in bytes.
    public static let maximumLength = 2048

    /// Reads and judges a URL.
    ///
    /// - Parameters:
    ///   - text: The URL, for example `https://yourapp.com/webhooks/taskflow`.
    ///   - policy: What is allowed.
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

    /// Reads and judges a URL that is registered now, while its owner is there to mend it.
    ///
    /// It must be written as RFC 3986 has it as well, since servers such as Tomcat, Jetty and nginx answer anything else with 400, and
    /// its labels in other scripts must exist in IDNA 2008. Webhooks that were registered before go on.
    ///
    /// - Parameters:
    ///   - text: The URL.
    ///   - policy: What is allowed.
    /// - Throws: ``EndpointError`` with the reason and a hint.
    public init(registering text: String, policy: EndpointPolicy) throws(EndpointError) {
        try self.init(text, policy: policy)
        try Self.checkEncoding(text)
        guard address != nil || HostName.hasRealLabels(host) || policy.allowedHosts.contains(host) else {
            throw EndpointError(
                .host, "The host has a label `xn--…` that stands for no name of IDNA 2008",
                hint: "Copy the ASCII form of the name from its registry; emoji and symbols are not allowed in names.")
        }
    }

    /// The URL, put together from its parts.
    public var description: String { (isSecure ? "https://" : "http://") + authority + target }

    /// Host and port as they stand in a URL and in a `Host` field: brackets round an IPv6 address, no implied port.
    public var authority: String {
        let implied = isSecure ? 443 : 80
        return (host.contains(":") ? "[\(host)]" : host) + (port == implied ? "" : ":\(port)")
    }
}
