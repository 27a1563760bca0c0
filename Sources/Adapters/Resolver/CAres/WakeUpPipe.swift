#if HTTPTransport || AsyncHTTPClient
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A pipe that wakes a thread waiting in `poll`.
///
/// The pipe is never closed, because the thread that reads it lives as long as the process.
struct WakeUpPipe: Sendable {
    /// The end to wait for.
    let reader: Int32
    private let writer: Int32

    /// Opens the pipe, or returns `nil` if this machine has no free file descriptor.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        (reader, writer) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    /// Wakes the thread.
    ///
    /// If the pipe is full, the thread is already being woken.
    func signal() {
        var byte: UInt8 = 1
        _ = unsafe write(writer, &byte, 1)
    }

    /// Clears all signals.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(reader, &bytes, bytes.count) == bytes.count {}
    }
}
#endif
