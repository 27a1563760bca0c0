/// Why a URL or an address may not be an endpoint.
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
        /// The host is neither a well-formed name nor a plainly written address.
        case host = "invalid_host"
        /// The host is a name of the local network.
        case localName = "local_name"
        /// The port is not one that the policy allows.
        case port = "port_not_allowed"
        /// The address is private, local or reserved.
        case blockedAddress = "blocked_address"
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
