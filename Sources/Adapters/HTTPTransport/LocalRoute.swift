#if HTTPTransport
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore
internal import WebhookDelivery
internal import WebhookRetries

/// Tells a route that this machine lacks from one that is missing further away: both have the same `errno`, since routers on the
/// way report theirs to the socket that connects.
enum LocalRoute {
    /// Attributes a failure to this machine or to the network beyond it.
    ///
    /// - Parameters:
    ///   - error: The failure to connect.
    ///   - target: The address.
    /// - Returns: The error as it is, or a refusal when this machine can send to the address.
    static func attributed(_ error: TransportError, to target: SocketAddress) -> TransportError {
        guard error.failure == .noRoute, exists(to: target) else { return error }
        return TransportError(.connectionRefused, "The host cannot be reached")
    }

    /// Whether the kernel finds a way to the address; connecting a UDP socket asks for it, and sends nothing.
    private static func exists(to target: SocketAddress) -> Bool {
        #if canImport(Glibc)
        let type = Int32(SOCK_DGRAM.rawValue)
        #else
        let type = SOCK_DGRAM
        #endif
        let family: Int32 = if case .v6 = target { AF_INET6 } else { AF_INET }
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        return unsafe target.withSockAddr { address, length in
            unsafe connect(descriptor, address, socklen_t(length)) == 0
        }
    }
}
#endif
