#if HTTPTransport || AsyncHTTPClient
public import WebhookLimits

/// Looks host names up.
///
/// The transport checks every address of an answer against its policy, bounds the look-ups in flight, and cancels the task
/// of a look-up whose requests have ended. A resolver that ignores cancellation keeps its place until it returns.
public protocol HostResolver: Sendable {
    /// All addresses of a host.
    ///
    /// - Parameter host: The name, in lower case and without a trailing dot.
    /// - Returns: The addresses, the preferred ones first.
    /// - Throws: `TransportError` with `dnsFailure`, `dnsTimeout` or `resolverUnavailable`; any other error counts as a DNS
    ///   failure, as an empty answer does.
    func addresses(of host: String) async throws -> [IPAddress]
}
#endif
