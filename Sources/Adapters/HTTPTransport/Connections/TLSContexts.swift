#if HTTPTransport
internal import NIOCore
internal import NIOSSL
internal import Synchronization
internal import WebhookDelivery
internal import WebhookRetries

/// The TLS context of a transport's connections, made when it is first needed, and again while there is nothing to trust.
final class TLSContexts: Sendable {
    private let configuration: HTTPTransportConfiguration
    private let made = Mutex<NIOSSLContext?>(nil)

    init(_ configuration: HTTPTransportConfiguration) { self.configuration = configuration }

    /// The context.
    ///
    /// - Returns: The one that was made before, or a new one.
    /// - Throws: `TransportError` without certificates to trust, or when those of the configuration cannot be read.
    func context() throws(TransportError) -> NIOSSLContext {
        if let context = made.withLock({ $0 }) { return context }
        var tls = TLSConfiguration.makeClientConfiguration()
        if configuration.rootCertificates == nil {
            guard let roots = configuration.trustStore.roots else { throw .nothingToTrust }
            tls.trustRoots = roots
        }
        do {
            try configuration.complete(&tls)
            let context = try NIOSSLContext(configuration: tls)
            made.withLock { $0 = context }
            return context
        } catch {
            throw TransportError(.unknown, "The transport's certificates cannot be used: \(error)")
        }
    }

    /// Tells an endpoint that is not trusted from a machine that trusts none.
    ///
    /// - Parameter error: The failure of a handshake.
    /// - Returns: The error as it is, or the sender's own.
    func attributed(_ error: TransportError) -> TransportError {
        guard error.failure == .tlsUntrusted, configuration.rootCertificates == nil,
            configuration.trustStore.roots == nil
        else {
            return error
        }
        made.withLock { $0 = nil }
        return .nothingToTrust
    }
}

extension TransportError {
    fileprivate static var nothingToTrust: TransportError {
        TransportError(
            .noTrustStore, "This machine has no certificates to trust; install ca-certificates, or set rootCertificates"
        )
    }
}

extension HTTPTransportConfiguration {
    /// Says everything but which certificates of the system to trust.
    fileprivate func complete(_ tls: inout TLSConfiguration) throws {
        tls.minimumTLSVersion = requiresTLS13 ? .tlsv13 : .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        // A peer that does not say goodbye must not hold a connection.
        tls.shutdownTimeout = .milliseconds(100)
        if let rootCertificates {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(rootCertificates))
        }
        if let clientCertificate {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(clientCertificate.chain).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: clientCertificate.privateKey, format: .pem))
        }
    }
}
#endif
