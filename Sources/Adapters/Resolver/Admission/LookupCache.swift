#if HTTPTransport || AsyncHTTPClient
internal import WebhookDelivery
package import WebhookLimits
internal import WebhookRetries

/// An answer and its remaining lifetime.
package struct LookupAnswer: Sendable, Hashable {
    /// At least one address.
    package let addresses: [IPAddress]
    /// The time for which the answer may be used without another look-up.
    package let freshFor: Duration

    /// Creates an answer.
    package init(addresses: [IPAddress], freshFor: Duration) {
        self.addresses = addresses
        self.freshFor = freshFor
    }
}

/// A cache of look-up results: answers of names that resolved, and names that are temporarily rejected.
struct LookupCache: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Known {
        let addresses: [IPAddress]
        let domain: String
        let resolvedAt: Instant
    }

    private struct Refusal {
        let error: TransportError
        let until: Instant
        /// The number of consecutive look-ups without an answer.
        let silences: Int
    }

    /// How long a name that resolved may use the lane of known names.
    static let knownFor = Duration.seconds(3600)
    /// How long the last answer may be used while new look-ups are not answered (RFC 8767).
    static let staleFor = Duration.seconds(300)
    /// How long a stale answer is used before the name is looked up again.
    static let staleFreshFor = Duration.seconds(5)
    static let failureRange = Duration.seconds(1) ... .seconds(30)
    static let silenceRange = Duration.seconds(5) ... .seconds(300)
    static let maximumKnown = 8192
    static let maximumRefusals = 4096

    private let answerLifetime: Duration
    private var known: [String: Known] = [:]
    /// The shares of domains in ``known``, so that a domain with many names does not displace the others.
    private var room = FairShare<String>(capacity: maximumKnown)
    private var refusals: [String: Refusal] = [:]
    private var prunedAt: Instant?

    init(answerLifetime: Duration) { self.answerLifetime = answerLifetime }

    // MARK: - Answers

    /// Returns whether the name resolved recently.
    func isKnown(_ name: String, _ now: Instant) -> Bool { age(of: name, now).map { $0 < Self.knownFor } ?? false }

    /// Returns an answer that needs no look-up, if there is one.
    func fresh(_ name: String, _ now: Instant) -> LookupAnswer? {
        guard let entry = known[name], now - entry.resolvedAt < answerLifetime else { return nil }
        return LookupAnswer(addresses: entry.addresses, freshFor: answerLifetime - (now - entry.resolvedAt))
    }

    /// Returns the last answer, to be used if a look-up gets none.
    func stale(_ name: String, _ now: Instant) -> LookupAnswer? {
        guard let entry = known[name], now - entry.resolvedAt < Self.staleFor else { return nil }
        return LookupAnswer(addresses: entry.addresses, freshFor: min(answerLifetime, Self.staleFreshFor))
    }

    private func age(of name: String, _ now: Instant) -> Duration? { known[name].map { now - $0.resolvedAt } }

    /// Records an answer.
    mutating func resolved(_ name: String, _ domain: String, _ addresses: [IPAddress], _ now: Instant) -> LookupAnswer {
        refusals[name] = nil
        forget(name)
        if room.free == 0 { prune(now) }
        if room.take(for: domain) {
            known[name] = Known(addresses: addresses, domain: domain, resolvedAt: now)
        }
        return LookupAnswer(addresses: addresses, freshFor: answerLifetime)
    }

    /// Forgets the answer for a name.
    private mutating func forget(_ name: String) {
        if let entry = known.removeValue(forKey: name) { room.giveBack(for: entry.domain) }
    }

    /// Forgets old answers, at most once per second because this scans all of them.
    private mutating func prune(_ now: Instant) {
        if let prunedAt, now - prunedAt < .seconds(1) { return }
        prunedAt = now
        for (name, entry) in known where now - entry.resolvedAt >= Self.knownFor { forget(name) }
    }

    // MARK: - Refusals

    /// Returns the reason why a name is not looked up now, or `nil` if it may be.
    func refusal(_ name: String, _ now: Instant) -> TransportError? {
        guard let refusal = refusals[name], now < refusal.until else { return nil }
        return refusal.error
    }

    /// Records that a name has no address.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - error: The failure.
    ///   - duration: How long the look-up took; a slow failure is repeated later than a quick one.
    ///   - now: The current time.
    mutating func failed(_ name: String, _ error: TransportError, after duration: Duration, _ now: Instant) {
        forget(name)
        let time = min(max(duration * 3, Self.failureRange.lowerBound), Self.failureRange.upperBound)
        refuse(name, Refusal(error: error, until: now + time, silences: 0), now)
    }

    /// Records that a look-up was not answered: the name is rejected for 5 s, then twice as long each time, up to 5
    /// minutes.
    ///
    /// After that time the name is looked up again. The count restarts when a look-up is answered, or if the name is
    /// not requested within 5 minutes after the rejection ended.
    mutating func silent(_ name: String, _ now: Instant) {
        let earlier = refusals[name].flatMap { now - $0.until < Self.silenceRange.upperBound ? $0.silences : nil } ?? 0
        let silences = earlier + 1
        let doublings = min(silences - 1, 6)
        let time = min(Self.silenceRange.lowerBound * (1 << doublings), Self.silenceRange.upperBound)
        let seconds = time.components.seconds
        let error = TransportError(
            .dnsTimeout, "Recent look-ups of the host name timed out; the next one is within \(seconds) s")
        refuse(name, Refusal(error: error, until: now + time, silences: silences), now)
    }

    private mutating func refuse(_ name: String, _ refusal: Refusal, _ now: Instant) {
        refusals[name] = refusal
        guard refusals.count > Self.maximumRefusals else { return }
        // Removes the half that ends first, so that this is rare.
        let kept = refusals.sorted { $0.value.until > $1.value.until }.prefix(Self.maximumRefusals / 2)
        refusals = Dictionary(kept.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// The number of cached names, resolved and rejected ones.
    var count: Int { known.count + refusals.count }
}
#endif
