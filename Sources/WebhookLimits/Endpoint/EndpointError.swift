public import WebhookEvents

/// The reason for rejecting an endpoint's URL, address or custom header.
public struct EndpointError: WebhookError, Hashable {
    /// The kind of error.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The URL is too long.
        case tooLong = "url_too_long"
        /// The URL contains a space, a control character, a backslash or a non-ASCII character.
        case forbiddenCharacter = "forbidden_character"
        /// The policy does not allow the scheme.
        case scheme = "scheme_not_allowed"
        /// The authority contains a user name, a password or an `@`.
        case credentials = "credentials_not_allowed"
        /// The URL has a fragment.
        case fragment = "fragment_not_allowed"
        /// The host is not a well-formed name.
        case host = "invalid_host"
        /// The host is an address that is not in canonical form, or some parsers read it as one.
        case address = "invalid_address"
        /// The host is a name of a local network.
        case localName = "local_name"
        /// The policy does not allow the port.
        case port = "port_not_allowed"
        /// The address is private, local or reserved.
        case blockedAddress = "blocked_address"
        /// A custom header's name is not a token.
        case headerName = "invalid_header_name"
        /// A custom header's value contains a control character or a non-ASCII character.
        case headerValue = "invalid_header_value"
        /// A custom header has a name that the sender or HTTP sets.
        case reservedHeader = "reserved_header"
        /// The custom headers are too many or too long.
        case headersTooLarge = "headers_too_large"
    }

    /// The kind of error.
    public let code: Code
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String

    init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}
