#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookHTTP1
internal import WebhookLimits
internal import WebhookResolver
internal import WebhookRetries

/// One request and its outcome.
///
/// An exchange is confined to one event loop, like everything in this folder except ``HTTPJob``.
final class HTTPExchange {
    /// The phase of an exchange; a deadline that passes causes a different failure in each phase.
    enum Phase: Comparable {
        case start, waiting, lookup, proxy, connect, tls, request, response, body
    }

    let job: HTTPJob
    /// The exchange, as the pool knows it.
    var request: ConnectionPool.Exchange?
    private(set) var phase = Phase.start
    private var phaseStart = NIODeadline.now()
    private var timings = WebhookResponse.PhaseTimings()
    private(set) var isFinished = false
    /// The endpoint's address that the exchange reached; unknown behind a proxy.
    private var address: IPAddress?
    /// The race that makes a connection for the exchange, while it runs.
    var race: HTTPConnectionRace?
    /// The request for the endpoint's addresses, while there is one.
    var lookup: LookupRunner.Ticket?
    /// The connection that carries the exchange, from the first byte on.
    var connection: HTTPConnection? {
        didSet { if let connection { address = connection.endpointAddress } }
    }

    /// The account that the connection counts for.
    let holder: ConnectionHolder
    /// When the exchange is aborted.
    private(set) var end: NIODeadline
    /// The maximum time to wait for the body; the head determines the outcome, and a slow body would occupy a slot.
    private static let bodyTime = TimeAmount.milliseconds(250)

    init(_ job: HTTPJob) {
        self.job = job
        self.holder = ConnectionHolder(account: job.account)
        self.end = job.deadline
    }

    /// Enters the next phase, and records the duration of the previous one.
    func enter(_ next: Phase) {
        let now = NIODeadline.now()
        note(until: now)
        phase = next
        phaseStart = now
        if next == .body { end = min(job.deadline, now + Self.bodyTime) }
    }

    private func note(until now: NIODeadline) {
        let time = Duration.nanoseconds((now - phaseStart).nanoseconds)
        switch phase {
        case .start: break
        case .waiting: timings.waiting = (timings.waiting ?? .zero) + time
        case .lookup: timings.lookup = (timings.lookup ?? .zero) + time
        case .proxy, .connect: timings.connect = (timings.connect ?? .zero) + time
        case .tls: timings.tls = (timings.tls ?? .zero) + time
        case .request, .response: timings.response = (timings.response ?? .zero) + time
        case .body: timings.body = time
        }
    }

    /// Ends the exchange with a response.
    func succeed(_ head: ResponseHead, body: [UInt8], isBodyComplete: Bool) {
        guard finish() else { return }
        job.continuation.resume(
            returning: WebhookResponse(
                status: head.status, headers: head.fields, body: body, isBodyComplete: isBodyComplete,
                address: address, timings: timings))
    }

    /// Ends the exchange with an error.
    func fail(_ error: any Error) {
        guard finish() else { return }
        if var error = error as? TransportError {
            error.timings = timings
            error.address = address
            job.continuation.resume(throwing: error)
        } else {
            job.continuation.resume(throwing: error)
        }
    }

    private func finish() -> Bool {
        guard !isFinished else { return false }
        isFinished = true
        race = nil
        connection = nil
        lookup = nil
        note(until: .now())
        return true
    }

    /// The error for a deadline that passes in the current phase.
    var timeout: TransportError {
        switch phase {
        case .start, .waiting: TransportError(.saturated, "No connection became free in time")
        case .lookup: TransportError(.dnsTimeout, "The name look-up timed out")
        case .proxy: TransportError(.proxy, "The egress proxy did not connect in time")
        case .connect: TransportError(.connectTimeout, "The connection timed out")
        case .tls: TransportError(.tlsTimeout, "The TLS handshake timed out")
        case .request: TransportError(.requestTimeout, "The request could not be written in time")
        case .response, .body: TransportError(.responseTimeout, "The response did not arrive in time")
        }
    }
}
#endif
