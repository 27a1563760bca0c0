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

/// A check that separates a missing route on this machine from one in the network beyond it.
///
/// Both cause the same `errno`, because routers on the path report their errors to the connecting socket.
enum LocalRoute {
    /// Attributes a failure to this machine or to the network beyond it.
    ///
    /// - Parameters:
    ///   - error: The failure to connect.
    ///   - target: The address.
    /// - Returns: The unchanged error, or `connectionRefused` if this machine has a route to the address.
    static func attributed(_ error: TransportError, to target: SocketAddress) -> TransportError {
        guard error.failure == .noRoute, exists(to: target) else { return error }
        return TransportError(.connectionRefused, "The host cannot be reached")
    }

    /// Returns whether the kernel has a route to the address; connecting a UDP socket checks this without sending
    /// anything.
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
