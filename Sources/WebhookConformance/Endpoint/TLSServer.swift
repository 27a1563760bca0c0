internal import CLibSSL

/// The TLS configuration of a test endpoint.
///
/// It uses OpenSSL, a different implementation than the transports under test. `@unchecked`, because threads can share
/// an OpenSSL context once it is configured.
@safe final class TLSServer: @unchecked Sendable {
    fileprivate let context: OpaquePointer

    init(_ certificate: TestCertificate) throws(TestEndpointError) {
        guard let method = unsafe TLS_server_method(), let context = unsafe SSL_CTX_new(method) else {
            throw TestEndpointError(description: "cannot create a TLS context")
        }
        unsafe self.context = unsafe context
        let isReady =
            unsafe SSL_CTX_use_certificate(context, certificate.handle.certificate) == 1
            && SSL_CTX_use_PrivateKey(context, certificate.handle.key) == 1
        guard isReady else { throw TestEndpointError(description: "OpenSSL rejected the certificate or its key") }
        if let authority = certificate.clientAuthority {
            let store = unsafe SSL_CTX_get_cert_store(context)
            _ = unsafe X509_STORE_add_cert(store, authority.handle.certificate)
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        if let version = certificate.maximumVersion {
            // Deprecated versions also need the lowest security level.
            _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
            _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
            _ = unsafe SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0")
        }
    }

    deinit { unsafe SSL_CTX_free(context) }
}

/// The TLS session of one connection.
@safe final class TLSSession {
    private let session: OpaquePointer

    /// Performs the handshake; `nil` when it fails.
    init?(_ server: TLSServer, _ socket: ConnectedSocket) {
        guard let session = unsafe SSL_new(server.context) else { return nil }
        unsafe self.session = unsafe session
        guard unsafe SSL_set_fd(session, socket.descriptor) == 1, unsafe SSL_accept(session) == 1 else { return nil }
    }

    deinit { unsafe SSL_free(session) }

    /// Whether OpenSSL has buffered bytes that polling the socket does not show.
    var hasPending: Bool { unsafe SSL_pending(session) > 0 }

    /// Reads the available bytes; returns none at the end of the stream.
    func read() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
            count = unsafe Int(max(0, SSL_read(session, buffer.baseAddress, Int32(buffer.count))))
        }
    }

    /// Writes all bytes and returns their number; 0 or less when the connection is closed.
    func write(_ bytes: [UInt8]) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe Int(SSL_write(session, $0.baseAddress, Int32($0.count))) }
    }

    func close() { _ = unsafe SSL_shutdown(session) }
}
