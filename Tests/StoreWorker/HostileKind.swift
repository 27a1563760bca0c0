#if HTTPTransport && PostgreSQL && SQLite
/// What a hostile account does.
enum HostileKind: String {
    /// Names whose servers never answer.
    case names
    /// Addresses that take no connection, servers that never answer a TLS greeting, and answers after 20 s.
    case connects, tls, slow
    /// A response whose body never ends.
    case drip
    /// Events of 9.9 MB to an endpoint that answers after 20 s.
    case large
    /// Tests, and registrations beyond the limit, again and again.
    case tests, registrations
    /// Replays of everything that was delivered, again and again.
    case replays
    /// Events of one resource in order, to an endpoint that answers after 20 s.
    case ordering
    /// 429 for everything.
    case throttle

    /// Another host for each of fifty events a second.
    case hosts
    /// A name whose address is another one with every look-up.
    case moving
    /// A head of a response that comes byte by byte, and one that never ends.
    case trickle, headers
    /// Nine answers at once, and then one after 20 s.
    case turns
    /// A history of deliveries that all wait, due at once when the worker starts.
    case backlog
    /// The same of many accounts, ten webhooks each.
    case crowd
    /// Deliveries that wait, put off again and again.
    case drains
    /// Everything that waits is deleted, with its account.
    case deletion
    /// Statistics, and previews of recoveries, of a long history, again and again.
    case statistics

    /// Whether the worker starts when everything is prepared, so that what was published waits.
    var waits: Bool { [.backlog, .crowd, .drains, .deletion].contains(self) }

    /// Whether its history has to be delivered before it begins.
    var isDelivered: Bool { [.replays, .statistics].contains(self) }

    /// How many webhooks an account has.
    var webhooks: Int {
        switch self {
        case .registrations, .crowd: 10
        case .backlog, .drains, .deletion, .statistics: 1
        default: 5
        }
    }
}

/// Where the hostile endpoints are.
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
