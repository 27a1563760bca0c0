#if HTTPTransport || AsyncHTTPClient
internal import WebhookDelivery
public import WebhookLimits
internal import WebhookRetries

/// Looks names up as the system is configured to: the hosts file and the name servers of `resolv.conf`, through c-ares.
///
/// A look-up costs no thread: one thread serves all of them, and a cancelled look-up frees its sockets and memory at once.
/// Both files are read for each look-up, so changes take effect immediately. Other sources of `nsswitch.conf`, such as LDAP
/// or multicast DNS, are not consulted; a host that needs them passes its own ``HostResolver``.
public struct SystemResolver: HostResolver {
    private let searchesDomains: Bool
    private let settings: NameServerSettings

    /// Creates the resolver.
    ///
    /// - Parameter searchesDomains: Whether a name that contains a dot may be completed with the machine's search domains and
    ///   read from its hosts file. Without it such a name is absolute, as a URL's reader expects; a name of one label is
    ///   completed in any case.
    public init(searchesDomains: Bool = false) {
        self.init(searchesDomains: searchesDomains, settings: NameServerSettings())
    }

    /// Creates a resolver that asks other servers than the system's.
    ///
    /// - Parameters:
    ///   - searchesDomains: Whether a name that contains a dot may be completed.
    ///   - settings: Which servers to ask, and how patiently.
    package init(searchesDomains: Bool = false, settings: NameServerSettings) {
        self.searchesDomains = searchesDomains
        self.settings = settings
    }

    /// All addresses of a host.
    ///
    /// - Parameter host: The name.
    /// - Returns: The addresses, in the order of RFC 6724.
    /// - Throws: `TransportError`: `dnsFailure` for a name without an address, `dnsTimeout` when no server answers,
    ///   `resolverUnavailable` when the servers refuse or cannot be reached, and `blockedAddress` for an address that
    ///   cannot be checked. `CancellationError` when the task is cancelled.
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
