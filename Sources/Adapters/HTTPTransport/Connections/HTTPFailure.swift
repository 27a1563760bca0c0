#if HTTPTransport
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOCore
internal import NIOSSL
internal import WebhookDelivery
internal import WebhookResolver
internal import WebhookRetries

/// Maps errors of the network stack to transport errors.
///
/// Accounts see only these errors. In particular, they must not learn whether a forbidden address refuses connections
/// or does not respond.
enum HTTPFailure {
    /// Returns the transport error for an error.
    ///
    /// - Parameters:
    ///   - error: The error of the network stack.
    ///   - channel: The connection, whose certificate distinguishes TLS failures.
    /// - Returns: The transport error.
    static func describe(_ error: any Error, on channel: (any Channel)? = nil) -> TransportError {
        switch error {
        case let error as TransportError: error
        case let error as ChannelError where error.isConnectTimeout:
            TransportError(.connectTimeout, "The connection timed out")
        case let error as IOError: SocketFailure.describe(error.errnoCode)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            TransportError(.tlsHostnameMismatch, "The certificate is for another name")
        case NIOSSLError.handshakeFailed(let reason): handshake(reason, on: channel)
        // This happens only after the handshake: the server closed the connection without a TLS close notification.
        case NIOSSLError.uncleanShutdown: TransportError(.connectionReset, "The server closed the connection")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            TransportError(.tlsHandshake, "The TLS handshake failed")
        case is ChannelError: TransportError(.connectionReset, "The connection was lost")
        default: TransportError(.unknown, "\(type(of: error))")
        }
    }

    private static func handshake(_ reason: BoringSSLError, on channel: (any Channel)?) -> TransportError {
        guard "\(reason)".contains("CERTIFICATE_VERIFY_FAILED") else {
            return TransportError(.tlsHandshake, "The TLS handshake failed: \(reason)")
        }
        let handler = try? channel?.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        if let certificate = handler?.peerCertificate {
            let now = time(nil)
            if now > certificate.notValidAfter || now < certificate.notValidBefore {
                return TransportError(.tlsCertificateExpired, "The certificate has expired or is not yet valid")
            }
        }
        return TransportError(.tlsUntrusted, "The certificate is not issued by a trusted authority")
    }
}

extension ChannelError {
    fileprivate var isConnectTimeout: Bool { if case .connectTimeout = self { true } else { false } }
}
#endif
