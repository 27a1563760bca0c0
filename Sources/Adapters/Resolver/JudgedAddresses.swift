#if HTTPTransport || AsyncHTTPClient
package import WebhookDelivery
package import WebhookLimits
internal import WebhookRetries

extension EndpointPolicy {
    /// How many of a name's addresses are tried.
    private static let maximumAddressCount = 8

    /// The addresses to try, of which all are allowed: a name with one bad address would reach it sooner or later.
    ///
    /// - Parameters:
    ///   - answer: What a resolver says; any error of its own counts as a DNS failure.
    ///   - host: The name that it was asked for.
    /// - Returns: At least one address.
    /// - Throws: `TransportError` for no address, or one that is not allowed.
    package func judged(
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

    /// The families in turn, beginning with that of the first address (RFC 8305, section 4): one that is cut off costs one
    /// attempt, not all.
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
