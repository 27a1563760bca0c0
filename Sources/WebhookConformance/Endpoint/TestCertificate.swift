internal import CLibSSL

/// A certificate authority for test endpoints.
///
/// Only clients that are configured with its certificate trust it.
public struct TestAuthority: Sendable {
    let handle: CertificateHandle

    /// Creates an authority with a new key.
    ///
    /// - Throws: ``TestEndpointError`` when OpenSSL fails.
    public init() throws(TestEndpointError) {
        handle = try CertificateHandle(
            name: "Test Authority", extensions: [(NID_basic_constraints, "critical,CA:TRUE")])
    }

    /// The authority's own certificate in PEM format, for transports to trust.
    public var pem: [UInt8] { handle.pem }

    /// Issues a certificate.
    ///
    /// - Parameters:
    ///   - names: The subject alternative names in OpenSSL syntax, such as `DNS:localhost,IP:127.0.0.1`.
    ///   - validFrom: The start of the validity period, relative to now.
    ///   - validUntil: The end of the validity period, relative to now.
    /// - Returns: The certificate with its key.
    /// - Throws: ``TestEndpointError`` when OpenSSL fails.
    public func issue(
        _ names: String = "DNS:localhost,IP:127.0.0.1", validFrom: Duration = .seconds(-86_400),
        validUntil: Duration = .seconds(86_400)
    ) throws(TestEndpointError) -> TestCertificate {
        TestCertificate(
            handle: try CertificateHandle(
                name: "Test Endpoint", extensions: [(NID_subject_alt_name, names)], issuer: handle,
                validFrom: validFrom, validUntil: validUntil))
    }
}

/// A certificate with its key, for a test endpoint.
public struct TestCertificate: Sendable {
    let handle: CertificateHandle
    /// The only TLS version that the endpoint speaks; `nil` for all current versions.
    var maximumVersion: Int32?
    /// The authority that must have issued client certificates; `nil` when clients need none.
    var clientAuthority: TestAuthority?

    /// Creates a self-signed certificate.
    ///
    /// - Parameter names: The subject alternative names in OpenSSL syntax.
    /// - Returns: The certificate with its key.
    /// - Throws: ``TestEndpointError`` when OpenSSL fails.
    public static func selfSigned(
        _ names: String = "DNS:localhost,IP:127.0.0.1"
    ) throws(TestEndpointError) -> TestCertificate {
        TestCertificate(
            handle: try CertificateHandle(name: "Test Endpoint", extensions: [(NID_subject_alt_name, names)]))
    }

    /// The same certificate for an endpoint that speaks only TLS 1.1, which every current client rejects.
    public var limitedToTLS11: TestCertificate {
        var copy = self
        copy.maximumVersion = TLS1_1_VERSION
        return copy
    }

    /// Returns the same certificate for an endpoint that requires client certificates.
    ///
    /// - Parameter authority: The authority that must have issued the client certificates.
    /// - Returns: The certificate.
    public func requiringClientCertificates(of authority: TestAuthority) -> TestCertificate {
        var copy = self
        copy.clientAuthority = authority
        return copy
    }

    /// The certificate in PEM format.
    public var pem: [UInt8] { handle.pem }

    /// The certificate's private key in PEM format.
    public var privateKeyPEM: [UInt8] { handle.privateKeyPEM }
}

/// An OpenSSL certificate and its key.
///
/// `@unchecked`, because neither changes after initialization.
@safe final class CertificateHandle: @unchecked Sendable {
    let certificate: OpaquePointer
    let key: OpaquePointer

    init(
        name: String, extensions: [(Int32, String)], issuer: CertificateHandle? = nil,
        validFrom: Duration = .seconds(-86_400), validUntil: Duration = .seconds(86_400)
    ) throws(TestEndpointError) {
        guard let key = unsafe Self.newKey(), let certificate = unsafe X509_new() else {
            throw TestEndpointError(description: "cannot generate a key")
        }
        unsafe self.key = unsafe key
        unsafe self.certificate = unsafe certificate
        unsafe X509_set_version(certificate, 2)
        var serial: Int = 0
        unsafe withUnsafeMutableBytes(of: &serial) { bytes in
            _ = unsafe RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), 7)
        }
        unsafe ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial)
        unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), Int(validFrom.components.seconds))
        unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), Int(validUntil.components.seconds))
        unsafe X509_set_pubkey(certificate, key)
        let subject = unsafe X509_get_subject_name(certificate)
        unsafe X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0)
        unsafe X509_set_issuer_name(certificate, X509_get_subject_name(issuer?.certificate ?? certificate))
        for (identifier, value) in extensions {
            guard let made = unsafe X509V3_EXT_conf_nid(nil, nil, identifier, value) else {
                throw TestEndpointError(description: "invalid certificate extension: \(value)")
            }
            unsafe X509_add_ext(certificate, made, -1)
            unsafe X509_EXTENSION_free(made)
        }
        guard unsafe X509_sign(certificate, issuer?.key ?? key, EVP_sha256()) > 0 else {
            throw TestEndpointError(description: "cannot sign the certificate")
        }
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    var pem: [UInt8] { unsafe Self.text { unsafe PEM_write_bio_X509($0, certificate) } }
    var privateKeyPEM: [UInt8] { unsafe Self.text { unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) } }

    private static func text(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let memory = unsafe BIO_new(BIO_s_mem()) else { return [] }
        defer { unsafe BIO_free(memory) }
        _ = unsafe write(memory)
        return unsafe [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
            count = unsafe Int(max(0, BIO_read(memory, buffer.baseAddress, Int32(buffer.count))))
        }
    }

    /// Generates a P-256 key, which every TLS client supports.
    private static func newKey() -> OpaquePointer? {
        guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            unsafe EVP_PKEY_keygen(context, &key) == 1
        else { return nil }
        return unsafe key
    }
}
