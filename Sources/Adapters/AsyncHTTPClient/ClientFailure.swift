#if AsyncHTTPClient
internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import WebhookDelivery
internal import WebhookResolver
internal import WebhookRetries

/// Maps the client's errors to transport errors.
enum ClientFailure {
    static func describe(_ error: any Error) -> TransportError {
        switch error {
        case let error as TransportError: return error
        case let error as HTTPClientError: return TransportError(failure(error), error.shortDescription)
        case is HTTPParserError: return TransportError(.invalidResponse, "The server does not speak HTTP/1.1")
        case NIOSSLError.uncleanShutdown:
            return TransportError(.connectionReset, "The server closed the connection")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return TransportError(.tlsHandshake, "The TLS handshake failed")
        case let error as IOError: return SocketFailure.describe(error.errnoCode)
        case let error as NIOConnectionError:
            let failures = error.connectionErrors.map { describe($0.error) }
            // A failure of this machine, such as a missing IPv6 route, does not describe the endpoint.
            return failures.first { !$0.failure.isSenderFault } ?? failures.first
                ?? TransportError(.connectionRefused, "The connection was refused")
        case is ChannelError: return TransportError(.connectionReset, "The connection was lost")
        default: return TransportError(.unknown, "\(type(of: error))")
        }
    }

    private static func failure(_ error: HTTPClientError) -> TransportFailure {
        switch error {
        case .connectTimeout: .connectTimeout
        case .getConnectionFromPoolTimeout: .saturated
        case .tlsHandshakeTimeout: .tlsTimeout
        case .deadlineExceeded, .readTimeout: .responseTimeout
        case .writeTimeout: .requestTimeout
        case .remoteConnectionClosed, .uncleanShutdown: .connectionReset
        case .cancelled: .cancelled
        case .invalidProxyResponse, .proxyAuthenticationRequired, .httpProxyHandshakeTimeout: .proxy
        case .redirectLimitReached, .redirectCycleDetected: .invalidResponse
        default: .unknown
        }
    }
}
#endif
