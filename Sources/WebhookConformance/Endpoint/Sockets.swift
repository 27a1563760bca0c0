#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Runs a closure on a new thread, which ends when the closure returns.
func detachThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = unsafe Unmanaged.passRetained(Box(body))
    #if canImport(Darwin)
    var thread: pthread_t?
    let run: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { argument in
        unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
    }
    #else
    var thread: pthread_t = 0
    let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
    }
    #endif
    if unsafe pthread_create(&thread, nil, run, box.toOpaque()) != 0 { return unsafe box.release() }
    #if canImport(Darwin)
    if let thread = unsafe thread { unsafe pthread_detach(thread) }
    #else
    pthread_detach(thread)
    #endif
}

/// A socket that listens on a free port of `127.0.0.1`.
struct ListeningSocket: Sendable {
    private let descriptor: Int32
    let port: Int

    init() throws(TestEndpointError) {
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        // OpenSSL also writes to sockets whose peer has disconnected.
        _ = signal(SIGPIPE, SIG_IGN)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw TestEndpointError(description: "cannot create a socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, length) == 0 && listen(descriptor, 1024) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound else {
            _ = closeDescriptor(descriptor)
            throw TestEndpointError(description: "cannot bind to a free port")
        }
    }

    func accept(within time: Duration) -> ConnectedSocket? {
        guard wait(for: descriptor, POLLIN, time) else { return nil }
        #if canImport(Glibc)
        let accepted = Glibc.accept(descriptor, nil, nil)
        #elseif canImport(Musl)
        let accepted = Musl.accept(descriptor, nil, nil)
        #else
        let accepted = unsafe Darwin.accept(descriptor, nil, nil)
        #endif
        return accepted >= 0 ? ConnectedSocket(descriptor: accepted) : nil
    }

    func close() { _ = closeDescriptor(descriptor) }
}

/// One accepted connection.
struct ConnectedSocket: Sendable {
    let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var isOn: Int32 = 1
        _ = unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    func isReadable(within time: Duration) -> Bool { wait(for: descriptor, POLLIN, time) }
    func isWritable(within time: Duration) -> Bool { wait(for: descriptor, POLLOUT, time) }

    /// Returns whether the peer breaks the connection within the given time.
    func isBroken(within time: Duration) -> Bool { wait(for: descriptor, 0, time) }

    /// Reads the available bytes; returns none at the end of the stream.
    func read() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }

    /// Writes as many bytes as fit and returns their number; 0 or less when the connection is closed.
    func write(_ bytes: [UInt8]) -> Int {
        #if canImport(Darwin)
        let flags = Int32(MSG_DONTWAIT)
        #else
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        #endif
        return unsafe bytes.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, flags) }
    }

    /// Makes closing reset the connection, which discards unsent bytes.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func close() { _ = closeDescriptor(descriptor) }
}

private func wait(for descriptor: Int32, _ events: Int32, _ time: Duration) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    let (seconds, attoseconds) = time.components
    return unsafe poll(&entry, 1, Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)) > 0
}

private func closeDescriptor(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
    Glibc.close(descriptor)
    #elseif canImport(Musl)
    Musl.close(descriptor)
    #else
    Darwin.close(descriptor)
    #endif
}
