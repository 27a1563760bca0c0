#if AsyncHTTPClient
internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import WebhookDelivery
internal import WebhookResolver
internal import WebhookRetries

/// Puts the client's errors into the terms of the engine.
enum ClientFailure {
    static func describe(_ error: any Error) -> TransportError {
        switch error {
        case let error as TransportError: return error
        case let error as HTTPClientError: return TransportError(failure(error), error.shortDescription)
        case is HTTPParserError: return TransportError(.invalidResponse, "The peer does not speak HTTP/1.1")
        case NIOSSLError.uncleanShutdown:
            return TransportError(.connectionReset, "The peer closed the connection")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return TransportError(.tlsHandshake, "TLS could not be agreed on")
        case let error as IOError: return SocketFailure.describe(error.errnoCode)
        case let error as NIOConnectionError:
            let failures = error.connectionErrors.map { describe($0.error) }
            // What one family of addresses lacks on this machine says nothing about the endpoint.
            return failures.first { !$0.failure.isSendersAlone } ?? failures.first
                ?? TransportError(.connectionRefused, "The connection was refused")
        case is ChannelError: return TransportError(.connectionReset, "The connection broke")
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
