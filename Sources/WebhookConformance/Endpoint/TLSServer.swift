internal import CLibSSL

/// TLS for a test endpoint, on OpenSSL: another implementation than the ones that are tested against it.
///
/// Unchecked because OpenSSL's contexts are shared between threads by design, once they are set up.
@safe final class TLSServer: @unchecked Sendable {
    fileprivate let context: OpaquePointer

    init(_ certificate: TestCertificate) throws(TestEndpointError) {
        guard let method = unsafe TLS_server_method(), let context = unsafe SSL_CTX_new(method) else {
            throw TestEndpointError(description: "no TLS")
        }
        unsafe self.context = unsafe context
        let isReady =
            unsafe SSL_CTX_use_certificate(context, certificate.handle.certificate) == 1
            && SSL_CTX_use_PrivateKey(context, certificate.handle.key) == 1
        guard isReady else { throw TestEndpointError(description: "the certificate cannot be used") }
        if let authority = certificate.clientAuthority {
            let store = unsafe SSL_CTX_get_cert_store(context)
            _ = unsafe X509_STORE_add_cert(store, authority.handle.certificate)
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        if let version = certificate.maximumVersion {
            // Versions that nobody should speak any more need the lowest security level as well.
            _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
            _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
            _ = unsafe SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0")
        }
    }

    deinit { unsafe SSL_CTX_free(context) }
}

/// One connection's TLS.
@safe final class TLSSession {
    private let session: OpaquePointer

    /// Makes the handshake; `nil` when the peer does not like it.
    init?(_ server: TLSServer, _ socket: ConnectedSocket) {
        guard let session = unsafe SSL_new(server.context) else { return nil }
        unsafe self.session = unsafe session
        guard unsafe SSL_set_fd(session, socket.descriptor) == 1, unsafe SSL_accept(session) == 1 else { return nil }
    }

    deinit { unsafe SSL_free(session) }

    /// Whether bytes are here that the socket does not show any more.
    var hasPending: Bool { unsafe SSL_pending(session) > 0 }

    /// The bytes that are there; none at the end.
    func read() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
            count = unsafe Int(max(0, SSL_read(session, buffer.baseAddress, Int32(buffer.count))))
        }
    }

    /// Writes everything; 0 or less when nobody reads any more.
    func write(_ bytes: [UInt8]) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe Int(SSL_write(session, $0.baseAddress, Int32($0.count))) }
    }

    func close() { _ = unsafe SSL_shutdown(session) }
}
