#if HTTPTransport || AsyncHTTPClient

/// Whether this machine's name servers answer at all, so that their silence is not charged to every endpoint.
struct NameServerHealth: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// From how many domains on silence is the name servers': one owner may well have two silent domains.
    static let minimumSilentDomains = 3
    /// How long a look-up must have run for its silence to count.
    static let minimumWait = Duration.seconds(1)

    private var answeredAt: Instant?
    private var silentDomains: Set<String> = []

    /// Notes that a server has answered, whatever it said.
    mutating func answered(_ now: Instant) {
        answeredAt = now
        silentDomains = []
    }

    /// Notes that a look-up was not answered.
    ///
    /// - Parameters:
    ///   - domain: Its parent domain.
    ///   - start: When it began.
    ///   - now: The current time.
    /// - Returns: Whether the servers are to blame: none has answered any look-up since this one began, and several domains
    ///   in a row were silent.
    mutating func isToBlame(forSilenceOf domain: String, since start: Instant, _ now: Instant) -> Bool {
        if let answeredAt, answeredAt >= start { return false }
        guard now - start >= Self.minimumWait else { return false }
        if silentDomains.count < Self.minimumSilentDomains { silentDomains.insert(domain) }
        return silentDomains.count >= Self.minimumSilentDomains
    }
}
#endif
