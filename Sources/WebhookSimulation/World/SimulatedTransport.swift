internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// The network as one host sees it, which may lose requests and responses, and which enforces deadlines.
struct SimulatedTransport: WebhookTransport {
    /// The failures of a host's own resources, without cancellation.
    static let ownFaults = TransportFailure.allCases.filter { $0.isSenderFault && $0 != .cancelled }

    let world: SimulatedWorld
    let host: SimulatedHost

    var policy: EndpointPolicy { .production }

    func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        guard host.isCurrent else { throw SimulatedFault.escaped }
        let exchange = Exchange()
        exchange.record = world.history.requestStarted(request, by: host)
        exchange.onEnd = { [history = world.history] in history.requestEnded($0) }
        return try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { (reply: UnsafeContinuation<WebhookResponse, any Error>) in
                unsafe exchange.reply = reply
                begin(request, exchange)
                if Task.isCancelled { exchange.end(.failure(CancellationError())) }
            }
        } onCancel: {
            exchange.end(.failure(CancellationError()))
        }
    }

    /// Passes a request to a real receiver, whose host may crash or freeze meanwhile.
    private func hand(
        _ request: WebhookRequest, _ record: RequestRecord, to consumer: ConsumerSite, after latency: Int64,
        _ fault: Faults.Edge, _ exchange: Exchange
    ) {
        let (world, host) = (world, host)
        let deadline = world.scheduler.now + request.timeout.wholeMicroseconds
        // A crashed sender receives no result.
        func end(_ result: Result<WebhookResponse, any Error>) { if !host.isDead { exchange.end(result) } }
        world.scheduler.after(request.timeout.wholeMicroseconds) {
            end(.failure(TransportError(.responseTimeout, "no response in time")))
        }
        let secrets = world.history.webhooks[record.webhook]?.secrets.all ?? []
        record.isAnswerLost = fault == .errorAfter || fault == .slowReply
        world.scheduler.after(latency) {
            if fault == .crashAfter { host.crash() }
            consumer.receive(request, of: record.event, secrets: secrets) { status in
                guard let status else {
                    return end(.failure(TransportError(.connectionReset, "the endpoint's process crashed")))
                }
                world.history.requestArrived(record, .status(status), inTime: world.scheduler.now < deadline)
                switch fault {
                case .errorAfter: end(.failure(TransportError(.connectionReset, "the connection broke")))
                case .slowReply: break
                default: end(.success(WebhookResponse(status: status, body: Self.responseBody(to: request))))
                }
            }
        }
    }

    private func begin(_ request: WebhookRequest, _ exchange: Exchange) {
        let (world, host) = (world, host)
        guard let record = exchange.record else { return }
        func end(after delay: Int64, _ result: Result<WebhookResponse, any Error>) {
            let timeout = request.timeout.wholeMicroseconds
            world.scheduler.after(min(delay, timeout)) {
                guard !host.isDead else { return }
                let isLate = delay > timeout
                if isLate { world.history.happened("responses after the deadline") }
                exchange.end(isLate ? .failure(TransportError(.responseTimeout, "no response in time")) : result)
            }
        }
        func lacks(_ failure: TransportFailure) {
            world.scheduler.after(1000) {
                guard !host.isDead, exchange.isUnderWay else { return }
                world.history.requestNotSent(record)
                exchange.end(.failure(TransportError(failure, "this host lacks a local resource")))
            }
        }
        if let shortage = world.faults.shortage(of: host) { return lacks(shortage) }
        let fault = world.faults.draw(.send, on: host)
        if fault == .crashBefore || world.isPoison(record.event) {
            if fault != .crashBefore { world.faults.inject("poison", on: host) }
            return host.crash()
        }
        if fault == .errorBefore, world.scheduler.chance.oneIn(2) {
            return lacks(world.scheduler.chance.pick(Self.ownFaults))
        }
        if fault == .errorBefore {
            return end(after: 1000, .failure(TransportError(.connectionRefused, "the network is down")))
        }
        // A worker that freezes while its request is in flight may lose its lease.
        if world.faults.rates[.freeze] != nil, world.scheduler.chance.oneIn(4), world.faults.fires(.freeze) {
            world.faults.inject("freeze", on: host)
            host.freeze(for: Int64(world.scheduler.chance.draw(5...60)) * 1_000_000)
        }
        let endpoint = world.endpoint(of: request.url.description)
        let (answer, latency) = endpoint.answer()
        switch answer {
        case .refusal: return end(after: 1000, .failure(TransportError(.connectionRefused, "the port is closed")))
        case .unreachable(let failure):
            world.history.happened("unreachable names: \(failure.rawValue)")
            return end(after: latency, .failure(TransportError(failure, "the name is unreachable")))
        default: break
        }
        if let consumer = endpoint.consumer, case .status(200..<300, _, nil) = answer {
            return hand(request, record, to: consumer, after: latency, fault, exchange)
        }
        // From here on, the endpoint receives the request.
        world.scheduler.after(min(latency, request.timeout.wholeMicroseconds)) {
            world.history.requestArrived(record, answer, inTime: latency <= request.timeout.wholeMicroseconds)
            if fault == .crashAfter { host.crash() }
        }
        switch answer {
        case _ where fault == .errorAfter, .reset:
            record.isAnswerLost = true
            end(after: latency, .failure(TransportError(.connectionReset, "the connection broke")))
        case _ where fault == .slowReply, .silence, .refusal, .unreachable:
            record.isAnswerLost = true
            end(after: .max, .failure(TransportError(.responseTimeout, "no response")))
        case .status(let status, let retryAfter, let steering):
            var headers = HeaderFields([])
            if let retryAfter { headers.append("Retry-After", retryAfter) }
            if let steering { headers.append("webhook-delivery", steering) }
            let body = Self.responseBody(to: request)
            end(after: latency, .success(WebhookResponse(status: status, headers: headers, body: body)))
        }
    }
}

/// One request in flight, which ends exactly once.
@safe private final class Exchange: @unchecked Sendable {
    var reply: UnsafeContinuation<WebhookResponse, any Error>?
    var record: RequestRecord?
    var onEnd: (RequestRecord) -> Void = { _ in }
    var isUnderWay: Bool { unsafe reply != nil }

    func end(_ result: Result<WebhookResponse, any Error>) {
        guard let reply = unsafe reply else { return }
        unsafe self.reply = nil
        if let record { onEnd(record) }
        unsafe reply.resume(with: result)
    }
}
