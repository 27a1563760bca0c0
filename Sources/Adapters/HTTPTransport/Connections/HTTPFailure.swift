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

/// Puts errors of the network stack into the terms of the engine.
///
/// What an account is told never says more than these terms: whether an address that may not be reached is silent or
/// refuses is not theirs to know.
enum HTTPFailure {
    /// Describes an error.
    ///
    /// - Parameters:
    ///   - error: What the network stack throws.
    ///   - channel: The connection, whose certificate tells one failure of TLS from another.
    /// - Returns: The engine's error.
    static func describe(_ error: any Error, on channel: (any Channel)? = nil) -> TransportError {
        switch error {
        case let error as TransportError: error
        case let error as ChannelError where error.isConnectTimeout:
            TransportError(.connectTimeout, "The connection was not made in time")
        case let error as IOError: SocketFailure.describe(error.errnoCode)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            TransportError(.tlsHostnameMismatch, "The certificate is for another name")
        case NIOSSLError.handshakeFailed(let reason): handshake(reason, on: channel)
        // The handshake is long complete: the peer went away without taking leave.
        case NIOSSLError.uncleanShutdown: TransportError(.connectionReset, "The peer closed the connection")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            TransportError(.tlsHandshake, "TLS could not be agreed on")
        case is ChannelError: TransportError(.connectionReset, "The connection broke")
        default: TransportError(.unknown, "\(type(of: error))")
        }
    }

    private static func handshake(_ reason: BoringSSLError, on channel: (any Channel)?) -> TransportError {
        guard "\(reason)".contains("CERTIFICATE_VERIFY_FAILED") else {
            return TransportError(.tlsHandshake, "TLS could not be agreed on: \(reason)")
        }
        let handler = try? channel?.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        if let certificate = handler?.peerCertificate {
            let now = time(nil)
            if now > certificate.notValidAfter || now < certificate.notValidBefore {
                return TransportError(.tlsCertificateExpired, "The certificate is not valid now")
            }
        }
        return TransportError(.tlsUntrusted, "The certificate is from no authority that is trusted")
    }
}

extension ChannelError {
    fileprivate var isConnectTimeout: Bool { if case .connectTimeout = self { true } else { false } }
}
#endif
