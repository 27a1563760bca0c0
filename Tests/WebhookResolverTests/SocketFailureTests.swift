#if HTTPTransport || AsyncHTTPClient
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import TaskFlowWebhooks
import Testing
import WebhookResolver

@Suite("SocketFailure")
struct SocketFailureTests {
    /// The documented errors of `socket`, `bind`, `connect`, `read` and `write` (POSIX, and Linux's ip(7) and tcp(7)),
    /// with the failure of each.
    static let table: [(code: Int32, failure: TransportFailure)] = [
        (ECONNREFUSED, .connectionRefused), (EHOSTUNREACH, .connectionRefused), (EHOSTDOWN, .connectionRefused),
        (ETIMEDOUT, .connectTimeout), (ECONNRESET, .connectionReset), (ECONNABORTED, .connectionReset),
        (EPIPE, .connectionReset), (ENOTCONN, .connectionReset), (ENETRESET, .connectionReset), (EIO, .connectionReset),
        (ENETUNREACH, .noRoute), (ENETDOWN, .noRoute), (EAFNOSUPPORT, .noRoute), (EACCES, .noRoute), (EPERM, .noRoute),
        (EMFILE, .saturated), (ENFILE, .saturated), (ENOBUFS, .saturated), (ENOMEM, .saturated), (EAGAIN, .saturated),
        (EADDRNOTAVAIL, .saturated), (EADDRINUSE, .saturated),
    ]

    @Test("Each socket error maps to a failure, and failures of this machine cost no attempt", arguments: table)
    func failures(code: Int32, failure: TransportFailure) {
        let error = SocketFailure.describe(code)
        #expect(error.failure == failure)
        #expect(failure.isSenderFault == [.noRoute, .saturated].contains(failure))
        if failure.isSenderFault { #expect(error.message.hasPrefix("This machine")) }
    }
}
#endif
