#if HTTPTransport || AsyncHTTPClient
public import WebhookLimits

/// A resolver of host names.
///
/// The transport validates every address of an answer, limits the look-ups in flight, and cancels the task of a look-up
/// that no request needs anymore. A look-up that ignores cancellation occupies its slot until it returns.
public protocol HostResolver: Sendable {
    /// Returns all addresses of a host.
    ///
    /// - Parameter host: The name, in lower case and without a trailing dot.
    /// - Returns: The addresses, the preferred ones first.
    /// - Throws: `TransportError` with `dnsFailure`, `dnsTimeout` or `resolverUnavailable`; any other error counts as a
    ///   DNS failure, and so does an empty answer.
    func addresses(of host: String) async throws -> [IPAddress]
}
#endif
