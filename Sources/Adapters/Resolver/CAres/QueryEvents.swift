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

/// The events that c-ares reports through its callbacks.
final class QueryEvents {
    var answer: QueryAnswer?
    private(set) var sockets: [Int32: Int16] = [:]

    /// Returns the object behind the pointer that c-ares passes to its callbacks.
    static func of(_ data: UnsafeMutableRawPointer?) -> QueryEvents? {
        unsafe data.map { unsafe Unmanaged<QueryEvents>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Sets the events to wait for on a socket; a closed socket has none.
    func watch(_ socket: Int32, isReading: Bool, isWriting: Bool) {
        let events = (isReading ? Int16(POLLIN) : 0) | (isWriting ? Int16(POLLOUT) : 0)
        sockets[socket] = events == 0 ? nil : events
    }
}

/// The answer to a query.
struct QueryAnswer {
    let status: QueryStatus
    /// The addresses, or the reason why the answer is unusable.
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
            // An unreadable address cannot be validated, and one forbidden address rejects the whole answer.
            guard let address = unsafe Self.address(node.pointee.ai_addr) else {
                addresses = .failure(
                    TransportError(.blockedAddress, "The host name has an address that cannot be validated"))
                return
            }
            found.append(address)
            unsafe next = node.pointee.ai_next
        }
        addresses = .success(found)
    }

    /// Reads an address, or returns `nil` for another family and for an address with a zone.
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
