#if HTTPTransport || AsyncHTTPClient
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOPosix
internal import WebhookDelivery
public import WebhookLimits
internal import WebhookRetries

/// What looks host names up.
///
/// The transport judges every answer, and asks again when the last one is too old.
public protocol HostResolver: Sendable {
    /// All addresses of a host.
    ///
    /// - Parameter host: The name, in lower case and without a trailing dot.
    /// - Returns: The addresses, the preferred ones first.
    /// - Throws: Anything; it counts as a DNS failure, as no address at all does.
    func addresses(of host: String) async throws -> [IPAddress]
}

/// The operating system's resolver, `getaddrinfo`, on threads of its own.
public struct SystemResolver: HostResolver {
    /// Look-ups block, so they have threads of their own: a slow name service must not hold up the host's other work.
    ///
    /// There are many, since a name whose servers never answer holds one for some 10 s, and anybody may register such a name.
    private static let threads = {
        let pool = NIOThreadPool(numberOfThreads: 64)
        pool.start()
        return pool
    }()

    private let searchesDomains: Bool

    /// Creates the resolver.
    ///
    /// - Parameter searchesDomains: Whether a name with a dot in it may be completed with the machine's search domains and
    ///   read from its hosts file. Without it such a name is what it says, as a URL's reader expects; a name of one label is
    ///   completed in any case.
    public init(searchesDomains: Bool = false) { self.searchesDomains = searchesDomains }

    /// All addresses of a host.
    ///
    /// - Parameter host: The name.
    /// - Returns: The addresses, in the order of RFC 6724.
    /// - Throws: `TransportError` when there are none, or one that cannot be judged.
    public func addresses(of host: String) async throws -> [IPAddress] {
        let isComplete = host.contains(".") && !searchesDomains
        return try await Self.threads.runIfActive { try lookUp(isComplete ? host + "." : host) }
    }

    private func lookUp(_ host: String) throws -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        unsafe hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>? = nil
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        defer { if let first = unsafe list { unsafe freeaddrinfo(first) } }
        guard status == 0 else { throw TransportError(.dnsFailure, "The host name has no address") }
        var addresses: [IPAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            let text = unsafe numericText(of: current.pointee.ai_addr, current.pointee.ai_addrlen)
            // What cannot be read cannot be judged, and one address that must not be reached spoils the answer.
            guard let address = IPAddress(text) else {
                throw TransportError(.blockedAddress, "The host name has an address that cannot be judged")
            }
            addresses.append(address)
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }

    /// The address as text, which a link-local one ends with its zone.
    private func numericText(of address: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t) -> String {
        var text = [CChar](repeating: 0, count: 256)
        let status = unsafe getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard status == 0 else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
#endif
