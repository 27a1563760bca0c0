#if HTTPTransport || AsyncHTTPClient
package import WebhookDelivery
package import WebhookEvents
package import WebhookLimits
internal import WebhookRetries

/// The state of all look-ups, without network and clock: running ones, requests that wait for a slot, and cached
/// answers.
///
/// Requests for a name that is being looked up share the look-up.
package struct LookupTable: Sendable {
    package typealias Instant = ContinuousClock.Instant
    /// The identifier of a request.
    package typealias RequestID = UInt64

    /// An action that the caller must perform.
    package enum Effect: Sendable {
        /// Look up a name. If there is a stale answer, call ``late(_:_:_:)`` after ``lockTimeout``.
        case start(String, number: UInt64, hasStale: Bool)
        /// Cancel the look-up of a name; it occupies its slot until it has ended.
        case cancel(String)
        /// Answer a request.
        case answer(RequestID, Result<LookupAnswer, TransportError>)
    }

    private struct Running {
        let number: UInt64
        let line: LookupQueue.Line
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
    package static let lockTimeout = Duration.milliseconds(1800)
    /// How long a look-up must have run for its cancellation to count as unanswered.
    package static let silence = Duration.seconds(3)
    /// The same for a name with a stale answer; otherwise requests with short deadlines would never get that answer.
    package static let staleSilence = Duration.milliseconds(500)

    private var lanes: LookupLanes
    private var queue: LookupQueue
    private var memory: LookupCache
    private var servers = NameServerHealth()
    private var running: [String: Running] = [:]
    private var requests: [RequestID: Request] = [:]
    private var lastNumber: UInt64 = 0

    /// Creates an empty table.
    package init(_ limits: LookupLimits) {
        lanes = LookupLanes(capacity: limits.inFlight)
        queue = LookupQueue(capacity: limits.waiting)
        memory = LookupCache(answerLifetime: limits.answerLifetime)
    }

    /// The number of look-ups in flight, including cancelled ones that have not ended.
    package var runningCount: Int { running.count }
    /// The number of requests that wait for a slot.
    package var waitingCount: Int { queue.count }
    /// The number of cached names.
    package var rememberedCount: Int { memory.count }

    // MARK: - Requests

    /// Adds a request.
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
        let line = LookupQueue.Line(account: account, isKnown: memory.isKnown(name, now))
        let waiter = LookupQueue.Waiter(id: id, name: name, domain: ParentDomain.of(name), line: line)
        if lanes.take(line, waiter.domain) { return [start(waiter, now)] }
        if queue.append(waiter) { return [] }
        requests[id] = nil
        return [.answer(id, .failure(.noRoom))]
    }

    /// Ends a request whose answer is no longer needed.
    package mutating func cancel(_ id: RequestID, _ now: Instant) -> [Effect] {
        end(id, TransportError(.cancelled, "The request was cancelled"), now)
    }

    /// Ends a request at its deadline, because the name was not answered or because this machine had no free slot.
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

    /// Records that a look-up has ended.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - result: The addresses, or the error; `nil` if the look-up was cancelled.
    ///   - now: The current time.
    /// - Returns: The answers, and the look-ups that get a free slot.
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
            // Requests that arrived after the cancellation need another look-up.
            for case (let id, let request?) in asked { effects += ask(id, name, request.account, now) }
        }
        return effects
    }

    /// Answers the requests of a slow look-up with the last answer, if there is one, and cancels the look-up.
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

    private mutating func start(_ waiter: LookupQueue.Waiter, _ now: Instant) -> Effect {
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

    /// Rejects an unanswered name temporarily, unless the name servers are the cause.
    private mutating func noteSilence(of name: String, _ look: Running, _ now: Instant) {
        if !servers.isToBlame(forSilenceOf: look.domain, since: look.start, now) { memory.silent(name, now) }
    }

    /// Cancels a look-up that no longer serves a request.
    private mutating func abandon(_ name: String, _ now: Instant) -> [Effect] {
        guard let look = running[name], look.requests.isEmpty, !look.isCancelled else { return [] }
        running[name]?.isCancelled = true
        let silence = memory.stale(name, now) == nil ? Self.silence : Self.staleSilence
        if now - look.start >= silence { noteSilence(of: name, look, now) }
        return [.cancel(name)]
    }

    private mutating func remember(
        _ name: String, _ look: Running, _ result: Result<[IPAddress], TransportError>, _ now: Instant
    ) -> Result<LookupAnswer, TransportError> {
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
        case .failure(let error) where error.failure.isSenderFault:
            // A failure of this machine says nothing about the name.
            return memory.stale(name, now).map { .success($0) } ?? .failure(error)
        case .failure(let error):
            servers.answered(now)
            memory.failed(name, error, after: now - look.start, now)
            return .failure(error)
        }
    }
}
#endif
