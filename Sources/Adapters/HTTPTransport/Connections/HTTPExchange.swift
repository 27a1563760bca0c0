#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookHTTP1
internal import WebhookResolver
internal import WebhookRetries

/// One request and what becomes of it.
///
/// Confined to one event loop, as everything in this folder is but ``HTTPJob``.
final class HTTPExchange {
    /// What the exchange is waiting for; each phase has a failure of its own when the deadline passes in it.
    enum Phase: Comparable {
        case start, waiting, lookup, proxy, connect, tls, request, response, body
    }

    let job: HTTPJob
    private(set) var phase = Phase.start
    private var phaseStart = NIODeadline.now()
    private var timings = PhaseTimings()
    private(set) var isFinished = false
    /// The connection that is being made for it, while there is none.
    var race: HTTPConnectionRace?
    /// The request for the endpoint's addresses, while there is one.
    var lookUp: LookUps.Ticket?
    /// The connection that carries it, from the first byte on.
    var connection: HTTPConnection?

    /// The account that its connection counts for.
    let holder: ConnectionHolder
    /// When it is broken off.
    private(set) var end: NIODeadline
    /// How long the rest of a body is waited for: the head has decided the outcome, and a slow body would hold a place.
    private static let bodyTime = TimeAmount.milliseconds(250)

    init(_ job: HTTPJob) {
        self.job = job
        self.holder = ConnectionHolder(account: job.account)
        self.end = job.deadline
    }

    /// Goes on to the next phase, and notes how long the one before took.
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

    /// Ends with a response.
    func succeed(_ head: ResponseHead, body: [UInt8]) {
        guard finish() else { return }
        job.continuation.resume(
            returning: WebhookResponse(status: head.status, headers: head.fields, body: body, timings: timings))
    }

    /// Ends without one.
    func fail(_ error: any Error) {
        guard finish() else { return }
        if var error = error as? TransportError {
            error.timings = timings
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
        lookUp = nil
        note(until: .now())
        return true
    }

    /// What it means that the deadline passes now.
    var timeout: TransportError {
        switch phase {
        case .start, .waiting: TransportError(.saturated, "No connection was free in time")
        case .lookup: TransportError(.dnsTimeout, "The name look-up took too long")
        case .proxy: TransportError(.proxy, "The egress proxy did not connect in time")
        case .connect: TransportError(.connectTimeout, "The connection was not made in time")
        case .tls: TransportError(.tlsTimeout, "The TLS handshake took too long")
        case .request: TransportError(.requestTimeout, "The request could not be written in time")
        case .response, .body: TransportError(.responseTimeout, "The response did not come in time")
        }
    }
}
#endif
