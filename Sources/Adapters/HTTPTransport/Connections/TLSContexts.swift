#if HTTPTransport
internal import NIOCore
internal import NIOSSL
internal import Synchronization
internal import WebhookDelivery
internal import WebhookRetries

/// The TLS context of a transport's connections, created on first use, and again while there are no trusted
/// certificates.
final class TLSContexts: Sendable {
    private let configuration: HTTPTransportConfiguration
    private let made = Mutex<NIOSSLContext?>(nil)

    init(_ configuration: HTTPTransportConfiguration) { self.configuration = configuration }

    /// Returns the TLS context.
    ///
    /// - Returns: The cached context, or a new one.
    /// - Throws: `TransportError` if there are no trusted certificates, or if those of the configuration cannot be
    ///   read.
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
            throw TransportError(.unknown, "The transport's certificates are unusable: \(error)")
        }
    }

    /// Attributes a failed verification to this machine if it has no trusted certificates.
    ///
    /// - Parameter error: The failure of a handshake.
    /// - Returns: The unchanged error, or `noTrustStore`.
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
            .noTrustStore, "This machine has no trusted certificates; install ca-certificates, or set rootCertificates"
        )
    }
}

extension HTTPTransportConfiguration {
    /// Sets all options except the system's trusted certificates.
    fileprivate func complete(_ tls: inout TLSConfiguration) throws {
        tls.minimumTLSVersion = requiresTLS13 ? .tlsv13 : .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        // A server that does not close the TLS session must not delay the close.
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
