#if HTTPTransport && PostgreSQL && SQLite
/// The behaviour of a hostile account.
enum HostileKind: String {
    /// Names whose servers never answer.
    case names
    /// Endpoints that accept no connection, servers that never answer a TLS handshake, and answers after 20 s.
    case connects, tls, slow
    /// A response whose body never ends.
    case drip
    /// Events of 9.9 MB to an endpoint that answers after 20 s.
    case large
    /// Repeated tests, and repeated registrations beyond the limit.
    case tests, registrations
    /// Repeated replays of all succeeded deliveries.
    case replays
    /// Events of one resource in order, to an endpoint that answers after 20 s.
    case ordering
    /// 429 for everything.
    case throttle

    /// A different host for each of fifty events a second.
    case hosts
    /// A name whose address changes with every look-up.
    case moving
    /// A response head that arrives byte by byte, and one that never ends.
    case trickle, headers
    /// Nine immediate answers, and then one after 20 s.
    case turns
    /// A backlog of deliveries that are all due when the worker starts.
    case backlog
    /// The same for many accounts with ten webhooks each.
    case crowd
    /// A backlog that is postponed repeatedly.
    case drains
    /// A backlog that is deleted with its account.
    case deletion
    /// Repeated statistics and replay previews of a long history.
    case statistics

    /// Whether the worker starts after the preparation, so that the published events wait.
    var waits: Bool { [.backlog, .crowd, .drains, .deletion].contains(self) }

    /// Whether the measurement starts after its history has been delivered.
    var isDelivered: Bool { [.replays, .statistics].contains(self) }

    /// The number of webhooks per account.
    var webhooks: Int {
        switch self {
        case .registrations, .crowd: 10
        case .backlog, .drains, .deletion, .statistics: 1
        default: 5
        }
    }
}

/// The ports of the hostile endpoints.
struct HostilePorts: Sendable {
    private let ports: [String: Int]

    init(_ arguments: inout Arguments) {
        var ports: [String: Int] = [:]
        for name in ["connects", "silent", "slow", "drip", "throttle", "trickle", "headers", "turns", "quick"] {
            ports[name] = arguments.number("--\(name)", or: 1)
        }
        self.ports = ports
    }

    /// The port of an endpoint.
    subscript(name: String) -> Int { ports[name] ?? 1 }
}
#endif
