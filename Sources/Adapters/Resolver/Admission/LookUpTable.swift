#if HTTPTransport || AsyncHTTPClient
package import WebhookDelivery
package import WebhookEvents
package import WebhookLimits
internal import WebhookRetries

/// Which look-ups run, which requests wait for a place, and which are answered from memory: no network, no clock.
///
/// Requests for a name that is being looked up share the look-up.
package struct LookUpTable: Sendable {
    package typealias Instant = ContinuousClock.Instant
    /// Names a request.
    package typealias RequestID = UInt64

    /// What is to be done.
    package enum Effect: Sendable {
        /// Look a name up. With a stale answer at hand, ``late(_:_:_:)`` is to be called after ``patience``.
        case start(String, number: UInt64, hasStale: Bool)
        /// Cancel the look-up of a name; its place stays taken until it has ended.
        case cancel(String)
        /// Answer a request.
        case answer(RequestID, Result<LookUpAnswer, TransportError>)
    }

    private struct Running {
        let number: UInt64
        let line: LookUpQueue.Line
        let domain: String
        let start: Instant
        var requests: [RequestID]
        var isCancelled = false
    }

    private struct Request {
        let name: String
        let account: AccountID?
        let askedAt: Instant
    }

    /// How long a look-up may take before a stale answer is used instead, as RFC 8767 recommends.
    package static let patience = Duration.milliseconds(1800)
    /// How long a look-up must have run for its cancellation to count as the name's silence.
    package static let silence = Duration.seconds(3)
    /// The same for a name with a stale answer, which requests with short deadlines would otherwise never get.
    package static let staleSilence = Duration.milliseconds(500)

    private var lanes: LookUpLanes
    private var queue: LookUpQueue
    private var memory: LookUpMemory
    private var servers = NameServerHealth()
    private var running: [String: Running] = [:]
    private var requests: [RequestID: Request] = [:]
    private var lastNumber: UInt64 = 0

    /// Creates a table of which nothing is known yet.
    package init(_ limits: LookUpLimits) {
        lanes = LookUpLanes(capacity: limits.inFlight)
        queue = LookUpQueue(capacity: limits.waiting)
        memory = LookUpMemory(answerLifetime: limits.answerLifetime)
    }

    /// How many look-ups are in flight, cancelled ones that have not ended included.
    package var runningCount: Int { running.count }
    /// How many requests wait for a place.
    package var waitingCount: Int { queue.count }
    /// How many names are remembered.
    package var rememberedCount: Int { memory.count }

    // MARK: - Requests

    /// Takes a request.
    package mutating func ask(_ id: RequestID, _ name: String, _ account: AccountID?, _ now: Instant) -> [Effect] {
        if let answer = memory.fresh(name, now) { return [.answer(id, .success(answer))] }
        if let refusal = memory.refusal(name, now) {
            if let stale = memory.stale(name, now) { return [.answer(id, .success(stale))] }
            return [.answer(id, .failure(refusal))]
        }
        requests[id] = Request(name: name, account: account, askedAt: now)
        guard running[name] == nil else {
            running[name]?.requests.append(id)
            return []
        }
        let line = LookUpQueue.Line(account: account, isKnown: memory.isKnown(name, now))
        let waiter = LookUpQueue.Waiter(id: id, name: name, domain: ParentDomain.of(name), line: line)
        if lanes.take(line, waiter.domain) { return [start(waiter, now)] }
        if queue.append(waiter) { return [] }
        requests[id] = nil
        return [.answer(id, .failure(.noRoom))]
    }

    /// Ends a request whose answer is not needed any more.
    package mutating func cancel(_ id: RequestID, _ now: Instant) -> [Effect] {
        end(id, TransportError(.cancelled, "The request was cancelled"), now)
    }

    /// Ends a request at its deadline: by the name's silence, or by this machine's lack of places.
    package mutating func expire(_ id: RequestID, _ now: Instant) -> [Effect] {
        guard let request = requests[id], let look = running[request.name] else { return end(id, .noPlace, now) }
        let hasWaitedLonger = look.start - request.askedAt > now - look.start
        return end(id, hasWaitedLonger ? .noPlace : silence(of: look, now), now)
    }

    private mutating func silence(of look: Running, _ now: Instant) -> TransportError {
        servers.isToBlame(forSilenceOf: look.domain, since: look.start, now) ? .deadServers : .silence
    }

    private mutating func end(_ id: RequestID, _ error: TransportError, _ now: Instant) -> [Effect] {
        guard let request = requests.removeValue(forKey: id) else { return [] }
        let answer = Effect.answer(id, .failure(error))
        if queue.remove(id) { return [answer] }
        running[request.name]?.requests.removeAll { $0 == id }
        return [answer] + abandon(request.name, now)
    }

    // MARK: - Look-ups

    /// A look-up has ended.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - result: The addresses, or why there are none; `nil` when it was cancelled.
    ///   - now: The current time.
    /// - Returns: The answers, and the look-ups that have a place now.
    package mutating func ended(_ name: String, _ result: Result<[IPAddress], TransportError>?, _ now: Instant)
        -> [Effect]
    {
        guard let look = running.removeValue(forKey: name) else { return [] }
        lanes.giveBack(look.line, look.domain)
        var effects: [Effect] = []
        let asked = look.requests.map { ($0, requests.removeValue(forKey: $0)) }
        if let result {
            let answer = remember(name, look, result, now)
            for (id, _) in asked { effects.append(.answer(id, answer)) }
        }
        effects += serve(now)
        if result == nil {
            // Requests that came after the cancellation need another look-up.
            for case (let id, let request?) in asked { effects += ask(id, name, request.account, now) }
        }
        return effects
    }

    /// A look-up takes long: its requests get the last answer, if there is one, and the look-up is cancelled.
    package mutating func late(_ name: String, _ number: UInt64, _ now: Instant) -> [Effect] {
        guard let look = running[name], look.number == number, let stale = memory.stale(name, now) else { return [] }
        running[name]?.requests = []
        var effects: [Effect] = []
        for id in look.requests {
            requests[id] = nil
            effects.append(.answer(id, .success(stale)))
        }
        return effects + abandon(name, now)
    }

    private mutating func start(_ waiter: LookUpQueue.Waiter, _ now: Instant) -> Effect {
        lastNumber &+= 1
        running[waiter.name] = Running(
            number: lastNumber, line: waiter.line, domain: waiter.domain, start: now,
            requests: [waiter.id] + queue.removeAll(for: waiter.name))
        let hasStale = memory.stale(waiter.name, now) != nil
        return .start(waiter.name, number: lastNumber, hasStale: hasStale)
    }

    private mutating func serve(_ now: Instant) -> [Effect] {
        var effects: [Effect] = []
        while let next = queue.next(&lanes) { effects.append(start(next, now)) }
        return effects
    }

    /// Has a silent name refused for a while, unless the name servers are to blame.
    private mutating func noteSilence(of name: String, _ look: Running, _ now: Instant) {
        if !servers.isToBlame(forSilenceOf: look.domain, since: look.start, now) { memory.silent(name, now) }
    }

    /// Cancels a look-up that serves no request any more.
    private mutating func abandon(_ name: String, _ now: Instant) -> [Effect] {
        guard let look = running[name], look.requests.isEmpty, !look.isCancelled else { return [] }
        running[name]?.isCancelled = true
        let silence = memory.stale(name, now) == nil ? Self.silence : Self.staleSilence
        if now - look.start >= silence { noteSilence(of: name, look, now) }
        return [.cancel(name)]
    }

    private mutating func remember(
        _ name: String, _ look: Running, _ result: Result<[IPAddress], TransportError>, _ now: Instant
    ) -> Result<LookUpAnswer, TransportError> {
        switch result {
        case .success(let addresses) where !addresses.isEmpty:
            servers.answered(now)
            return .success(memory.resolved(name, look.domain, addresses, now))
        case .success:
            servers.answered(now)
            let error = TransportError(.dnsFailure, "The host name has no address")
            memory.failed(name, error, after: now - look.start, now)
            return .failure(error)
        case .failure(let timeout) where timeout.failure == .dnsTimeout:
            let error = silence(of: look, now)
            noteSilence(of: name, look, now)
            return memory.stale(name, now).map { .success($0) } ?? .failure(error)
        case .failure(let error) where error.failure.isSendersAlone:
            // It says nothing about the name.
            return memory.stale(name, now).map { .success($0) } ?? .failure(error)
        case .failure(let error):
            servers.answered(now)
            memory.failed(name, error, after: now - look.start, now)
            return .failure(error)
        }
    }
}
#endif
