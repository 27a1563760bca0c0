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
        case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH:
            TransportError(.connectionRefused, "The connection was refused")
        case ETIMEDOUT: TransportError(.connectTimeout, "The connection was not made in time")
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL:
            TransportError(.saturated, "This machine has no socket to spare")
        default: TransportError(.connectionReset, "The connection broke")
        }
    }
}
#endif
