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
    /// The errors that `socket`, `bind`, `connect`, `read` and `write` document (POSIX, and Linux's ip(7) and tcp(7)), and whose
    /// fault each is.
    static let table: [(code: Int32, failure: TransportFailure)] = [
        (ECONNREFUSED, .connectionRefused), (EHOSTUNREACH, .connectionRefused), (EHOSTDOWN, .connectionRefused),
        (ETIMEDOUT, .connectTimeout), (ECONNRESET, .connectionReset), (ECONNABORTED, .connectionReset),
        (EPIPE, .connectionReset), (ENOTCONN, .connectionReset), (ENETRESET, .connectionReset), (EIO, .connectionReset),
        (ENETUNREACH, .noRoute), (ENETDOWN, .noRoute), (EAFNOSUPPORT, .noRoute), (EACCES, .noRoute), (EPERM, .noRoute),
        (EMFILE, .saturated), (ENFILE, .saturated), (ENOBUFS, .saturated), (ENOMEM, .saturated), (EAGAIN, .saturated),
        (EADDRNOTAVAIL, .saturated), (EADDRINUSE, .saturated),
    ]

    @Test("Each error of a socket has its outcome, and the sender's own cost no attempt", arguments: table)
    func failures(code: Int32, failure: TransportFailure) {
        let error = SocketFailure.describe(code)
        #expect(error.failure == failure)
        #expect(failure.isSendersAlone == [.noRoute, .saturated].contains(failure))
        if failure.isSendersAlone { #expect(error.message.hasPrefix("This machine")) }
    }
}
#endif
