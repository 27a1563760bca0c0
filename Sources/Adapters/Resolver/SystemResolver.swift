#if HTTPTransport || AsyncHTTPClient
internal import WebhookDelivery
public import WebhookLimits
internal import WebhookRetries

/// A resolver that uses the system's hosts file and the name servers of `resolv.conf`, through c-ares.
///
/// One thread serves all look-ups, and a cancelled look-up frees its sockets and memory immediately. Both files are
/// read for each look-up, so changes take effect immediately. Other sources of `nsswitch.conf`, such as LDAP or
/// multicast DNS, are not used; pass a custom ``HostResolver`` if you need them.
public struct SystemResolver: HostResolver {
    private let searchesDomains: Bool
    private let settings: NameServerSettings

    /// Creates the resolver.
    ///
    /// - Parameter searchesDomains: Whether a name that contains a dot may be completed with the machine's search
    ///   domains and looked up in its hosts file. If `false`, such a name is absolute, as expected of a URL. A name of
    ///   one label is always completed.
    public init(searchesDomains: Bool = false) {
        self.init(searchesDomains: searchesDomains, settings: NameServerSettings())
    }

    /// Creates a resolver with custom name servers.
    ///
    /// - Parameters:
    ///   - searchesDomains: Whether a name that contains a dot may be completed.
    ///   - settings: The name servers, and their timeouts.
    package init(searchesDomains: Bool = false, settings: NameServerSettings) {
        self.searchesDomains = searchesDomains
        self.settings = settings
    }

    /// Returns all addresses of a host.
    ///
    /// - Parameter host: The name.
    /// - Returns: The addresses, in the order of RFC 6724.
    /// - Throws: `TransportError`: `dnsFailure` for a name without an address, `dnsTimeout` if no server answers,
    ///   `resolverUnavailable` if the servers refuse or cannot be reached, and `blockedAddress` for an address that
    ///   cannot be validated. `CancellationError` if the task is cancelled.
    public func addresses(of host: String) async throws -> [IPAddress] {
        let isAbsolute = host.contains(".") && !searchesDomains
        let name = isAbsolute ? host + "." : host
        let thread = try QueryThread.running()
        let ticket = QueryTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                thread.start(QueryRequest(ticket: ticket, name: name, settings: settings, continuation: continuation))
            }
        } onCancel: {
            ticket.cancel()
            thread.cancel(ticket)
        }
    }
}
#endif
