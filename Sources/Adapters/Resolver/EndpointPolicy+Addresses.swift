#if HTTPTransport || AsyncHTTPClient
package import WebhookDelivery
package import WebhookLimits
internal import WebhookRetries

extension EndpointPolicy {
    /// The maximum number of a name's addresses that are tried.
    private static let maximumAddressCount = 8

    /// Returns the addresses to try, after validating all of them.
    ///
    /// One forbidden address rejects the name, because a request would reach that address sooner or later.
    ///
    /// - Parameters:
    ///   - answer: The resolver's answer; any error other than `TransportError` counts as a DNS failure.
    ///   - host: The name that was looked up.
    /// - Returns: At least one address.
    /// - Throws: `TransportError` if there is no address, or if one is not allowed.
    package func validatedAddresses(
        _ answer: Result<[IPAddress], any Error>, of host: String
    ) throws(TransportError) -> [IPAddress] {
        let addresses: [IPAddress]
        switch answer {
        case .success(let answer): addresses = answer
        case .failure(let error): throw error as? TransportError ?? .noAddress
        }
        guard !addresses.isEmpty else { throw .noAddress }
        for address in addresses {
            do { try check(address, of: host) } catch { throw TransportError(.blockedAddress, error.message) }
        }
        return Array(Self.interleaved(addresses).prefix(Self.maximumAddressCount))
    }

    /// Alternates the address families, beginning with that of the first address (RFC 8305, section 4).
    ///
    /// An unreachable family then costs one connection attempt instead of all of them.
    private static func interleaved(_ addresses: [IPAddress]) -> [IPAddress] {
        guard let first = addresses.first else { return [] }
        let (same, other) = (
            addresses.filter { $0.family == first.family }, addresses.filter { $0.family != first.family }
        )
        let pairs = zip(same, other).flatMap { [$0, $1] }
        return pairs + same.dropFirst(other.count) + other.dropFirst(same.count)
    }
}

extension TransportError {
    fileprivate static var noAddress: TransportError { TransportError(.dnsFailure, "The host name has no address") }
}
#endif
