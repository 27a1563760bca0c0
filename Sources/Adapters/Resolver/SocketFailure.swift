#if HTTPTransport || AsyncHTTPClient
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
package import WebhookDelivery
internal import WebhookRetries

/// Puts the operating system's errors into the terms of the engine, and tells the endpoint's from this machine's.
package enum SocketFailure {
    /// Describes an error.
    ///
    /// - Parameter code: The `errno` of a socket call.
    /// - Returns: The engine's error.
    package static func describe(_ code: Int32) -> TransportError {
        switch code {
        case ECONNREFUSED: TransportError(.connectionRefused, "The connection was refused")
        case EHOSTUNREACH, EHOSTDOWN: TransportError(.connectionRefused, "The host cannot be reached")
        case ETIMEDOUT: TransportError(.connectTimeout, "The connection was not made in time")
        case ENETUNREACH, ENETDOWN, EAFNOSUPPORT:
            TransportError(
                .noRoute,
                "This machine has no route to the address; check its network, and IPv6 if the host has only that")
        case EACCES, EPERM:
            TransportError(.noRoute, "This machine may not connect to the address; check its firewall and its sandbox")
        case EMFILE, ENFILE:
            TransportError(.saturated, "This machine has no file descriptor to spare; raise the limit (ulimit -n)")
        case ENOBUFS, ENOMEM, EAGAIN: TransportError(.saturated, "This machine has no memory for another socket")
        case EADDRNOTAVAIL, EADDRINUSE:
            TransportError(
                .saturated, "This machine has no port to spare; send fewer requests to new connections at once")
        default: TransportError(.connectionReset, "The connection broke")
        }
    }
}
#endif
