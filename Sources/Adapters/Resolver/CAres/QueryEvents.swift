#if HTTPTransport || AsyncHTTPClient
internal import CLibCAres
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// What c-ares reports through its callbacks.
final class QueryEvents {
    var answer: QueryAnswer?
    private(set) var sockets: [Int32: Int16] = [:]

    /// The events behind the pointer that c-ares hands back.
    static func of(_ data: UnsafeMutableRawPointer?) -> QueryEvents? {
        unsafe data.map { unsafe Unmanaged<QueryEvents>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Notes what a socket is to be watched for; for nothing once it is closed.
    func watch(_ socket: Int32, isReading: Bool, isWriting: Bool) {
        let events = (isReading ? Int16(POLLIN) : 0) | (isWriting ? Int16(POLLOUT) : 0)
        sockets[socket] = events == 0 ? nil : events
    }
}

/// The answer to a query.
struct QueryAnswer {
    let status: QueryStatus
    /// The addresses, or why the answer cannot be used.
    let addresses: Result<[IPAddress], TransportError>

    init(_ code: Int32, _ list: UnsafeMutablePointer<ares_addrinfo>?) {
        status = QueryStatus(code: code)
        guard status == .success else {
            addresses = .failure(status.failure)
            return
        }
        var found: [IPAddress] = []
        var next = unsafe list?.pointee.nodes
        while let node = unsafe next {
            // An unreadable address cannot be checked, and one address that must not be reached spoils the answer.
            guard let address = unsafe Self.address(node.pointee.ai_addr) else {
                addresses = .failure(
                    TransportError(.blockedAddress, "The host name has an address that cannot be checked"))
                return
            }
            found.append(address)
            unsafe next = node.pointee.ai_next
        }
        addresses = .success(found)
    }

    /// Reads an address; `nil` for another family, and for an address that is valid in one zone only.
    private static func address(_ address: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
        guard let address = unsafe address else { return nil }
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            let bits = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
            return IPAddress(v4: UInt32(bigEndian: bits))
        case AF_INET6:
            let socketAddress = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            guard socketAddress.sin6_scope_id == 0 else { return nil }
            let bits = unsafe withUnsafeBytes(of: socketAddress.sin6_addr) { unsafe $0.loadUnaligned(as: UInt128.self) }
            return IPAddress(v6: UInt128(bigEndian: bits))
        default:
            return nil
        }
    }
}
#endif
