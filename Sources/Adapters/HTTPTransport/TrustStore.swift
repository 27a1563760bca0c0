#if HTTPTransport
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import NIOSSL

/// The location of this machine's trusted certificates.
///
/// Without certificates, every endpoint would appear untrusted, although this machine is the cause.
package struct TrustStore: Sendable {
    /// The system's files and folders: those of Debian, Alpine and Arch, then of Fedora; the first with content is
    /// used.
    package static let system = TrustStore(paths: [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs",
        "/etc/pki/tls/certs",
    ])

    let paths: [String]

    /// Creates a store.
    ///
    /// - Parameter paths: Files and folders of certificates in PEM; the first one with content is used.
    package init(paths: [String]) { self.paths = paths }

    /// The trusted certificates; `nil` if there are none.
    ///
    /// The paths are checked on each access, because a store may be mounted or installed later.
    var roots: NIOSSLTrustRoots? {
        #if canImport(Darwin)
        return .default
        #else
        guard let path = paths.first(where: Self.holdsAnything) else { return nil }
        // NIOSSL's default includes both the bundle and the folder of the system.
        return paths == Self.system.paths ? .default : .file(path)
        #endif
    }

    private static func holdsAnything(_ path: String) -> Bool {
        guard let status = status(of: path) else { return false }
        guard status.st_mode & S_IFMT == S_IFDIR else { return status.st_size > 0 }
        guard let folder = unsafe opendir(path) else { return false }
        defer { unsafe closedir(folder) }
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            // A link may be broken.
            if isCertificate(name), Self.status(of: "\(path)/\(name)").map({ $0.st_size > 0 }) ?? false { return true }
        }
        return false
    }

    /// Returns whether a name looks like `ca.pem`, `ca.crt`, or a hash link such as `1f58a078.0`.
    private static func isCertificate(_ name: String) -> Bool {
        if name.hasSuffix(".pem") || name.hasSuffix(".crt") { return true }
        let parts = name.split(separator: ".")
        return parts.count == 2 && parts[0].utf8.count == 8 && parts[1].allSatisfy(\.isNumber)
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }
}
#endif
