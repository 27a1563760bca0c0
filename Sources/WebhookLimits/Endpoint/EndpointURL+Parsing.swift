internal import WebhookPayload

extension EndpointURL {
    typealias Bytes = ArraySlice<UInt8>

    static func checkCharacters(_ text: String) throws(EndpointError) {
        guard text.utf8.count <= maximumLength else {
            throw EndpointError(
                .tooLong, "The URL is longer than \(maximumLength) bytes", hint: "Shorten its path or query.")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw EndpointError(
                .forbiddenCharacter, "The URL has a space, a control character, a backslash or a non-ASCII character",
                hint: "Percent-encode the path and query, and write the host in its ASCII form (xn--…).")
        }
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw EndpointError(.fragment, "The URL has a fragment", hint: "Remove the `#` and what follows it.")
        }
    }

    /// Rejects characters that no URI may contain (RFC 3986, appendix A) and that many servers answer with 400.
    ///
    /// - Parameter text: The URL.
    /// - Throws: ``EndpointError`` with the character and its position, counted from 1.
    static func checkEncoding(_ text: String) throws(EndpointError) {
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let isEncoded = rest.count >= 2 && rest.prefix(2).allSatisfy { Hex.value(of: $0) != nil }
            let isBare = byte == UInt8(ascii: "%") && !isEncoded
            guard isBare || "\"<>^`{|}".utf8.contains(byte) else { continue }
            let position = text.utf8.count - rest.count
            throw EndpointError(
                .forbiddenCharacter, "The URL contains “\(Unicode.Scalar(byte))” at position \(position)",
                hint: "Percent-encode it: %\(String(byte, radix: 16, uppercase: true)).")
        }
    }

    static func scheme(of text: String, _ policy: EndpointPolicy) throws(EndpointError) -> (isSecure: Bool, rest: Bytes)
    {
        let bytes = Array(text.utf8)
        let start = String(decoding: bytes.prefix(8), as: UTF8.self).lowercased()
        if start == "https://" { return (true, bytes[8...]) }
        if policy.allowsInsecureHTTP, start.hasPrefix("http://") { return (false, bytes[7...]) }
        throw EndpointError(
            .scheme,
            policy.allowsInsecureHTTP
                ? "The URL begins with neither https:// nor http://"
                : "The URL does not begin with https://",
            hint: "Webhooks carry your users' data. Install a certificate on the endpoint and use https://.")
    }

    /// Splits an authority into host and port.
    static func split(_ authority: Bytes) throws(EndpointError) -> (host: Bytes, port: Bytes?) {
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw EndpointError(
                .credentials, "The URL contains credentials", hint: "Send secrets in a header, not in the URL.")
        }
        var end = authority.startIndex
        if authority.first == UInt8(ascii: "[") {
            guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .address }
            end = bracket + 1
        } else {
            end = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        }
        let rest = authority[end...]
        guard rest.isEmpty || rest.first == UInt8(ascii: ":") else { throw .address }
        // An IPv6 address without brackets has more colons.
        guard !rest.dropFirst().contains(UInt8(ascii: ":")) else { throw .address }
        return (authority[..<end], rest.isEmpty ? nil : rest.dropFirst())
    }

    static func port(_ text: Bytes?, isSecure: Bool, _ policy: EndpointPolicy) throws(EndpointError) -> Int {
        var port = isSecure ? 443 : 80
        if let text {
            guard (1...5).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }), text.first != 0x30
            else { throw .port("Write it as a number from 1 to 65535 without leading zeros, or omit the colon.") }
            port = text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard port <= 65_535, policy.allowedPorts?.contains(port) ?? true else {
            let allowed = policy.allowedPorts.map { $0.sorted().map(String.init).joined(separator: ", ") }
            throw .port("Allowed ports: \(allowed ?? "1 to 65535").")
        }
        return port
    }

    static func host(_ text: Bytes, _ policy: EndpointPolicy) throws(EndpointError) -> (String, IPAddress?) {
        if text.first == UInt8(ascii: "[") {
            let inner = String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
            guard let address = IPAddress(inner), address.family == .v6 else { throw .address }
            try policy.check(address)
            return (address.description, address)
        }
        let written = String(decoding: text, as: UTF8.self)
        let name = HostName.normalized(written)
        if HostName.isReadAsNumber(name) {
            guard let address = IPAddress(written), address.family == .v4 else { throw .address }
            try policy.check(address)
            return (written, address)
        }
        guard HostName.isWellFormed(name) || policy.allowedHosts.contains(name) else { throw .host }
        try policy.check(name: name)
        return (name, nil)
    }
}

extension EndpointError {
    fileprivate static var host: EndpointError {
        EndpointError(
            .host, "The host is not a well-formed name",
            hint: "Write a name such as hooks.example.com: letters, digits and hyphens between dots.")
    }

    fileprivate static var address: EndpointError {
        EndpointError(
            .address, "The host is numeric, but not an address in canonical form",
            hint: "Write an IPv4 address as four decimal numbers, or an IPv6 address in [brackets] without a zone.")
    }

    fileprivate static func port(_ hint: String) -> EndpointError {
        EndpointError(.port, "The port is not allowed", hint: hint)
    }
}
