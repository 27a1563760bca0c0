/// A webhook's URL, taken apart by our own strict parser.
///
/// Requests are built from these parts, so the checker and the client cannot disagree on where a URL leads. Parsers do
/// disagree on backslashes, user names, percent signs, tabs and numbers in hosts; all of those are refused.
public struct EndpointURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether the scheme is `https`.
    public let isSecure: Bool
    /// The host in lower case: a name without a trailing dot, or an address without brackets.
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
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else {
            throw EndpointError(
                .credentials, "The URL has credentials", hint: "Send secrets in a header, not in the URL.")
        }
        let (hostText, portText) = try Self.split(authority)
        self.isSecure = isSecure
        self.port = try Self.port(portText, isSecure: isSecure, policy)
        self.target = rest[end...].first == "/" ? String(rest[end...]) : "/" + rest[end...]
        (self.host, self.address) = try Self.host(hostText, policy)
    }

    /// The URL, put together from its parts.
    public var description: String {
        let implied = isSecure ? 443 : 80
        return (isSecure ? "https://" : "http://") + authority + (port == implied ? "" : ":\(port)") + target
    }

    /// The host as it stands in a URL, with brackets round an IPv6 address.
    public var authority: String { host.contains(":") ? "[\(host)]" : host }

    private static func checkCharacters(_ text: String) throws(EndpointError) {
        guard text.utf8.count <= maximumLength else {
            throw EndpointError(
                .tooLong, "The URL has more than \(maximumLength) bytes", hint: "Shorten its path or query.")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw EndpointError(
                .forbiddenCharacter, "The URL has a space, a control character, a backslash or a non-ASCII character",
                hint: "Percent-encode the path and query, and write the host in its ASCII form (xn--…).")
        }
        guard !text.contains("#") else {
            throw EndpointError(.fragment, "The URL has a fragment", hint: "Remove the `#` and what follows it.")
        }
    }

    private static func scheme(
        of text: String, _ policy: EndpointPolicy
    ) throws(EndpointError) -> (isSecure: Bool, rest: Substring) {
        let lowercased = text.prefix(8).lowercased()
        if lowercased == "https://" { return (true, text.dropFirst(8)) }
        if policy.allowsInsecureHTTP, lowercased.hasPrefix("http://") { return (false, text.dropFirst(7)) }
        throw EndpointError(
            .scheme,
            policy.allowsInsecureHTTP
                ? "The URL begins with neither https:// nor http://"
                : "The URL does not begin with https://",
            hint: "Webhooks carry your users' data: give the endpoint a certificate and use https://.")
    }

    private static func split(_ authority: Substring) throws(EndpointError) -> (host: Substring, port: Substring?) {
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { throw invalidHost }
            let after = authority[authority.index(after: bracket)...]
            guard after.isEmpty || after.first == ":" else { throw invalidHost }
            return (authority[...bracket], after.isEmpty ? nil : after.dropFirst())
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        guard colon == authority.lastIndex(of: ":") else { throw invalidHost }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func port(
        _ text: Substring?, isSecure: Bool, _ policy: EndpointPolicy
    ) throws(EndpointError) -> Int {
        let refused = EndpointError(
            .port, "The port is not allowed",
            hint: policy.allowedPorts.map { "Allowed: \($0.sorted().map(String.init).joined(separator: ", "))." }
                ?? "Use a number from 1 to 65535 without leading zeros.")
        var port = isSecure ? 443 : 80
        if let text {
            guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                text.first != "0", let given = Int(text), given <= 65_535
            else { throw refused }
            port = given
        }
        guard policy.allowedPorts?.contains(port) ?? true else { throw refused }
        return port
    }

    private static func host(
        _ text: Substring, _ policy: EndpointPolicy
    ) throws(EndpointError) -> (String, IPAddress?) {
        if text.first == "[" {
            guard let address = IPAddress(String(text.dropFirst().dropLast())), address.family == .v6 else {
                throw invalidHost
            }
            try policy.check(address)
            return (String(text.dropFirst().dropLast()).lowercased(), address)
        }
        if let address = IPAddress(String(text)), address.family == .v4 {
            try policy.check(address)
            return (String(text), address)
        }
        let name = (text.last == "." ? text.dropLast() : text).lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy(isLabel), let last = labels.last, !isNumeric(last) else {
            throw invalidHost
        }
        try policy.check(name: labels)
        return (name, nil)
    }

    /// Letters, digits and inner hyphens, 1 to 63 of them.
    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// A last label that some resolver reads as a number makes the whole host an address to it.
    private static func isNumeric(_ label: Substring) -> Bool {
        label.hasPrefix("0x") || label.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static var invalidHost: EndpointError {
        EndpointError(
            .host, "The host is neither a well-formed name nor a plainly written address",
            hint:
                "Write a name such as hooks.example.com, an IPv4 address as four decimal numbers, or [an IPv6 address]."
        )
    }
}
