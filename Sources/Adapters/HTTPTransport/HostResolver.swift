#if HTTPTransport
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
public import NIOCore
internal import NIOPosix
internal import WebhookDelivery
public import WebhookLimits
internal import WebhookRetries

/// What looks host names up.
///
/// The transport asks once a request and judges every answer.
public protocol HostResolver: Sendable {
    /// All addresses of a host.
    ///
    /// - Parameters:
    ///   - host: The name.
    ///   - eventLoop: Where the answer is wanted.
    /// - Returns: The addresses, the preferred ones first; a failure or no address at all counts as a DNS failure.
    func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[IPAddress]>
}

/// The operating system's resolver, `getaddrinfo`, on threads of its own.
public struct SystemResolver: HostResolver {
    /// Look-ups block, so they have threads of their own: a slow name service must not hold up the host's other work.
    private static let threads = {
        let pool = NIOThreadPool(numberOfThreads: 16)
        pool.start()
        return pool
    }()

    /// Creates the resolver.
    public init() {}

    /// All addresses of a host.
    public func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[IPAddress]> {
        Self.threads.runIfActive(eventLoop: eventLoop) { try lookUp(host) }
    }

    private func lookUp(_ host: String) throws -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>? = nil
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        defer { if let first = unsafe list { unsafe freeaddrinfo(first) } }
        guard status == 0 else { throw TransportError(.dnsFailure, "The host name has no address") }
        var addresses: [IPAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            if let name = unsafe current.pointee.ai_addr, let address = unsafe address(from: name) {
                addresses.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }

    private func address(from name: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        switch Int32(unsafe name.pointee.sa_family) {
        case AF_INET:
            let address = unsafe name.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe $0.pointee.sin_addr
            }
            return IPAddress(v4: UInt32(bigEndian: address.s_addr))
        case AF_INET6:
            var address = unsafe name.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                unsafe $0.pointee.sin6_addr
            }
            return unsafe withUnsafeBytes(of: &address) { bytes in
                unsafe IPAddress(v6: bytes.reduce(0) { $0 << 8 | UInt128($1) })
            }
        default: return nil
        }
    }
}

extension EventLoop {
    /// The future's value, unless the deadline comes first.
    func race<Value: Sendable>(
        _ future: EventLoopFuture<Value>, _ deadline: NIODeadline, orThrow error: @escaping @Sendable () -> any Error
    ) async throws -> Value {
        let promise = makePromise(of: Value.self)
        let timer = scheduleTask(deadline: deadline) { promise.fail(error()) }
        future.hop(to: self).whenComplete { result in
            timer.cancel()
            promise.completeWith(result)
        }
        return try await promise.futureResult.get()
    }
}
#endif
