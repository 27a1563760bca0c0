#if HTTPTransport || AsyncHTTPClient

/// The health of this machine's name servers, which decides whether timeouts are blamed on them instead of the
/// endpoints.
struct NameServerHealth: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The number of unanswered domains from which the name servers are blamed; one owner may well have two.
    static let minimumSilentDomains = 3
    /// How long an unanswered look-up must have run to count.
    static let minimumWait = Duration.seconds(1)

    private var answeredAt: Instant?
    private var silentDomains: Set<String> = []

    /// Records any answer of a server.
    mutating func answered(_ now: Instant) {
        answeredAt = now
        silentDomains = []
    }

    /// Records that a look-up was not answered.
    ///
    /// - Parameters:
    ///   - domain: The parent domain of the name.
    ///   - start: When the look-up began.
    ///   - now: The current time.
    /// - Returns: Whether the servers are to blame: none has answered any look-up since this one began, and several
    ///   domains in a row were not answered.
    mutating func isToBlame(forSilenceOf domain: String, since start: Instant, _ now: Instant) -> Bool {
        if let answeredAt, answeredAt >= start { return false }
        guard now - start >= Self.minimumWait else { return false }
        if silentDomains.count < Self.minimumSilentDomains { silentDomains.insert(domain) }
        return silentDomains.count >= Self.minimumSilentDomains
    }
}
#endif
