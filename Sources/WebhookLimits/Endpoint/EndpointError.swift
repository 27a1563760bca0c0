/// Why a URL, an address or a header may not be an endpoint's.
public struct EndpointError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of refusal.
    @nonexhaustive
    public enum Code: String, Sendable, Hashable {
        /// The text is longer than any endpoint needs.
        case tooLong = "url_too_long"
        /// The text has a space, a control character, a backslash or a character outside ASCII.
        case forbiddenCharacter = "forbidden_character"
        /// The scheme is not one that the policy allows.
        case scheme = "scheme_not_allowed"
        /// There is a user name, a password or an `@` in the authority.
        case credentials = "credentials_not_allowed"
        /// There is a fragment.
        case fragment = "fragment_not_allowed"
        /// The host is no well-formed name.
        case host = "invalid_host"
        /// The host is, or some reader takes it for, an address that is not plainly written.
        case address = "invalid_address"
        /// The host is a name of the local network.
        case localName = "local_name"
        /// The port is not one that the policy allows.
        case port = "port_not_allowed"
        /// The address is private, local or reserved.
        case blockedAddress = "blocked_address"
        /// A custom header's name is no token.
        case headerName = "invalid_header_name"
        /// A custom header's value has a control character, or one outside ASCII.
        case headerValue = "invalid_header_value"
        /// A custom header has a name that the sender or HTTP itself sets.
        case reservedHeader = "reserved_header"
        /// There are too many custom headers, or they are too long.
        case headersTooLarge = "headers_too_large"
    }

    /// What kind of refusal it is.
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

    /// The refusal with its hint.
    public var description: String { "\(message) (\(code.rawValue)). \(hint)" }
}
