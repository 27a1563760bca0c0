#if HTTPTransport || AsyncHTTPClient

/// Which name servers are asked, and how patiently.
package struct NameServerSettings: Sendable, Hashable {
    /// The servers, as `address:port` separated by commas; `nil` for those of the configuration file.
    package var servers: String?
    /// The path of a file in the format of `resolv.conf`; `nil` for the system's.
    package var configurationFile: String?
    /// The milliseconds that the first try of a server may take; each further round doubles them.
    package var timeoutMilliseconds: Int32 = 2000
    /// How often each server is tried.
    package var tries: Int32 = 3

    /// Creates the system's settings.
    package init() {}
}
#endif
