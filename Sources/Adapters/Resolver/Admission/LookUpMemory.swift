#if HTTPTransport || AsyncHTTPClient
internal import WebhookDelivery
package import WebhookLimits
internal import WebhookRetries

/// An answer, and for how long it may be used without asking again.
package struct LookUpAnswer: Sendable, Hashable {
    /// At least one address.
    package let addresses: [IPAddress]
    /// For how long it may be used.
    package let freshFor: Duration

    /// Creates an answer.
    package init(addresses: [IPAddress], freshFor: Duration) {
        self.addresses = addresses
        self.freshFor = freshFor
    }
}

/// What earlier look-ups have shown: the answers of names that resolved, and names that are refused for a while.
struct LookUpMemory: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Known {
        let addresses: [IPAddress]
        let domain: String
        let resolvedAt: Instant
    }

    private struct Refusal {
        let error: TransportError
        let until: Instant
        /// How many look-ups in a row got no answer.
        let silences: Int
    }

    /// How long a name that resolved keeps its access to the lane of known names.
    static let knownFor = Duration.seconds(3600)
    /// How long the last answer may be used while a new look-up gets none (RFC 8767).
    static let staleFor = Duration.seconds(300)
    /// How long a stale answer is used before the name is asked for again.
    static let staleFreshFor = Duration.seconds(5)
    static let failureRange = Duration.seconds(1) ... .seconds(30)
    static let silenceRange = Duration.seconds(5) ... .seconds(300)
    static let maximumKnown = 8192
    static let maximumRefusals = 4096

    private let answerLifetime: Duration
    private var known: [String: Known] = [:]
    /// Which domains fill ``known``: a domain with any number of names must not displace the others.
    private var room = FairShare<String>(capacity: maximumKnown)
    private var refusals: [String: Refusal] = [:]
    private var prunedAt: Instant?

    init(answerLifetime: Duration) { self.answerLifetime = answerLifetime }

    // MARK: - Answers

    /// Whether the name resolved lately.
    func isKnown(_ name: String, _ now: Instant) -> Bool { age(of: name, now).map { $0 < Self.knownFor } ?? false }

    /// An answer that needs no look-up.
    func fresh(_ name: String, _ now: Instant) -> LookUpAnswer? {
        guard let entry = known[name], now - entry.resolvedAt < answerLifetime else { return nil }
        return LookUpAnswer(addresses: entry.addresses, freshFor: answerLifetime - (now - entry.resolvedAt))
    }

    /// The last answer, for when a look-up gets none.
    func stale(_ name: String, _ now: Instant) -> LookUpAnswer? {
        guard let entry = known[name], now - entry.resolvedAt < Self.staleFor else { return nil }
        return LookUpAnswer(addresses: entry.addresses, freshFor: min(answerLifetime, Self.staleFreshFor))
    }

    private func age(of name: String, _ now: Instant) -> Duration? { known[name].map { now - $0.resolvedAt } }

    /// Notes an answer.
    mutating func resolved(_ name: String, _ domain: String, _ addresses: [IPAddress], _ now: Instant) -> LookUpAnswer {
        refusals[name] = nil
        forget(name)
        if room.free == 0 { prune(now) }
        if room.take(for: domain) {
            known[name] = Known(addresses: addresses, domain: domain, resolvedAt: now)
        }
        return LookUpAnswer(addresses: addresses, freshFor: answerLifetime)
    }

    /// Forgets the answer of a name that has none any more.
    private mutating func forget(_ name: String) {
        if let entry = known.removeValue(forKey: name) { room.giveBack(for: entry.domain) }
    }

    /// Forgets old answers; at most once a second, since it looks at all of them.
    private mutating func prune(_ now: Instant) {
        if let prunedAt, now - prunedAt < .seconds(1) { return }
        prunedAt = now
        for (name, entry) in known where now - entry.resolvedAt >= Self.knownFor { forget(name) }
    }

    // MARK: - Refusals

    /// Why a name is not looked up now; `nil` when it may be.
    func refusal(_ name: String, _ now: Instant) -> TransportError? {
        guard let refusal = refusals[name], now < refusal.until else { return nil }
        return refusal.error
    }

    /// Notes that a name has no address.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - error: The failure.
    ///   - duration: How long the look-up took: a slow failure is not repeated as soon as a quick one.
    ///   - now: The current time.
    mutating func failed(_ name: String, _ error: TransportError, after duration: Duration, _ now: Instant) {
        forget(name)
        let time = min(max(duration * 3, Self.failureRange.lowerBound), Self.failureRange.upperBound)
        refuse(name, Refusal(error: error, until: now + time, silences: 0), now)
    }

    /// Notes that a name was not answered: it is refused for 5 s, then twice as long each time, up to 5 minutes.
    ///
    /// The look-up after that is the fresh try. The count starts over when the name has answered, or was not asked
    /// for in the 5 minutes after its refusal.
    mutating func silent(_ name: String, _ now: Instant) {
        let earlier = refusals[name].flatMap { now - $0.until < Self.silenceRange.upperBound ? $0.silences : nil } ?? 0
        let silences = earlier + 1
        let doublings = min(silences - 1, 6)
        let time = min(Self.silenceRange.lowerBound * (1 << doublings), Self.silenceRange.upperBound)
        let seconds = time.components.seconds
        let error = TransportError(
            .dnsTimeout, "The host name was not answered lately; it is looked up again within \(seconds) s")
        refuse(name, Refusal(error: error, until: now + time, silences: silences), now)
    }

    private mutating func refuse(_ name: String, _ refusal: Refusal, _ now: Instant) {
        refusals[name] = refusal
        guard refusals.count > Self.maximumRefusals else { return }
        // Those that end first make room, a half at a time, so that this is rare.
        let kept = refusals.sorted { $0.value.until > $1.value.until }.prefix(Self.maximumRefusals / 2)
        refusals = Dictionary(kept.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// How many names are remembered, answered ones and refused ones.
    var count: Int { known.count + refusals.count }
}
#endif
