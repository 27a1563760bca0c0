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

/// Maps the operating system's socket errors to transport errors, and separates the endpoint's from this machine's.
package enum SocketFailure {
    /// Returns the transport error for a socket error.
    ///
    /// - Parameter code: The `errno` of a socket call.
    /// - Returns: The transport error.
    package static func describe(_ code: Int32) -> TransportError {
        switch code {
        case ECONNREFUSED: TransportError(.connectionRefused, "The connection was refused")
        case EHOSTUNREACH, EHOSTDOWN: TransportError(.connectionRefused, "The host cannot be reached")
        case ETIMEDOUT: TransportError(.connectTimeout, "The connection timed out")
        case ENETUNREACH, ENETDOWN, EAFNOSUPPORT:
            TransportError(
                .noRoute,
                "This machine has no route to the address; check its network, and IPv6 if the host is IPv6-only")
        case EACCES, EPERM:
            TransportError(.noRoute, "This machine may not connect to the address; check its firewall and sandbox")
        case EMFILE, ENFILE:
            TransportError(.saturated, "This machine has no free file descriptor; increase the limit (ulimit -n)")
        case ENOBUFS, ENOMEM, EAGAIN: TransportError(.saturated, "This machine has no memory for another socket")
        case EADDRNOTAVAIL, EADDRINUSE:
            TransportError(
                .saturated, "This machine has no free port; open fewer new connections at a time")
        default: TransportError(.connectionReset, "The connection was lost")
        }
    }
}
#endif
