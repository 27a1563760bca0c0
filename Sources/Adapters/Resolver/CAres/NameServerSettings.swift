#if HTTPTransport || AsyncHTTPClient

/// The name servers, and their timeouts.
package struct NameServerSettings: Sendable, Hashable {
    /// The servers as a comma-separated list of `address:port`; `nil` for those of the configuration file.
    package var servers: String?
    /// The path of a file in the format of `resolv.conf`; `nil` for the system's.
    package var configurationFile: String?
    /// The timeout of the first query to a server, in milliseconds; it doubles with each round.
    package var timeoutMilliseconds: Int32 = 2000
    /// The number of queries to each server.
    package var tries: Int32 = 3

    /// Creates the system's settings.
    package init() {}
}
#endif
