internal import WebhookPayload
internal import WebhookRetries

/// Where a process meets the world.
@nonexhaustive
public enum FaultSite: String, Sendable, Hashable, CaseIterable {
    /// Events and webhooks are committed.
    case publish, administer
    /// The dispatcher's calls of the store.
    case claim, settle, release, recheck
    /// A request on its way to an endpoint.
    case send
    /// A consumer's process remembers events in its database, and does its handlers' work there.
    case remember, handle
    /// Hosts stop: for a while, or for ever.
    case freeze, crash
    /// Somebody stops a host gracefully, or cancels its task.
    case stop, cancel
    /// Clocks are wrong, and jump.
    case clocks
    /// The store is down, or slow, for a while.
    case outage, slowness
    /// A host lacks a resource of its own for a while: its resolver, a route, ports, descriptors, certificates.
    case shortage
    /// People change webhooks just when their deliveries are claimed, and claims take a while.
    case changes
}

extension FaultSite {
    /// Whether it is called so seldom that a fault there would be a rarity.
    fileprivate var isRare: Bool { self == .release || self == .recheck || self == .administer }

    /// Whether it is a call of the engine's store, which may be down or slow.
    fileprivate var isOfStore: Bool { self != .send && self != .shortage && self != .remember && self != .handle }
}

/// What goes wrong, as the seed decides: each site may be quiet in a whole run, so that others can be seen.
final class Faults {
    enum Edge {
        case none
        /// The process dies before the call had its effect, or after it.
        case crashBefore, crashAfter
        /// The call throws, without its effect or after it.
        case errorBefore, errorAfter
        /// The reply takes as long as a lease.
        case slowReply
    }

    private let scheduler: SimulationScheduler
    /// One in how many calls goes wrong, site by site; a site that is not there is quiet.
    let rates: [FaultSite: Int]
    /// Whether anything goes wrong now.
    var areOn = true
    /// How many faults there were.
    private(set) var injected = 0
    private(set) var count: [String: Int] = [:]
    /// Calls from outside their host.
    var escapes = 0
    /// What hosts lack, and until when.
    private var shortages: [Int: (failure: TransportFailure, until: Int64)] = [:]
    /// Until when the store is down or slow.
    var downUntil: Int64 = 0
    var slowUntil: Int64 = 0

    init(_ scheduler: SimulationScheduler, rates: [FaultSite: Int]) {
        self.scheduler = scheduler
        self.rates = rates
    }

    /// Draws which sites are active in a run, each with a chance of a quarter or so, and how often they fire.
    static func drawRates(_ chance: inout SeededGenerator, without quiet: Set<FaultSite>) -> [FaultSite: Int] {
        var rates: [FaultSite: Int] = [:]
        for site in FaultSite.allCases {
            // Both are drawn for every site, so that quieting one leaves the others as they are.
            let (isActive, rate) = (chance.below(5) < 2, chance.pick(site.isRare ? [1, 2, 4] : [4, 16, 64]))
            if isActive, !quiet.contains(site) { rates[site] = rate }
        }
        return rates
    }

    func fires(_ site: FaultSite) -> Bool {
        guard areOn, let rate = rates[site] else { return false }
        return scheduler.chance.oneIn(rate)
    }

    /// Is told of every fault on a host.
    var onFault: (SimulatedHost) -> Void = { _ in }
    /// Until when a host waits for a slow reply.
    var waitsUntil: [Int: Int64] = [:]

    /// From now on a host lacks something for a while.
    func lack(_ failure: TransportFailure, on host: SimulatedHost, for length: Int64) {
        inject("shortage: \(failure.rawValue)", on: host)
        shortages[host.number] = (failure, scheduler.now + length)
    }

    /// What a host lacks now.
    func shortage(of host: SimulatedHost) -> TransportFailure? {
        guard areOn, let shortage = shortages[host.number], scheduler.now < shortage.until else { return nil }
        return shortage.failure
    }

    /// A fault happened.
    func inject(_ name: String, on host: SimulatedHost) {
        injected += 1
        count[name, default: 0] += 1
        // A crash is told of when it comes.
        if !name.contains("crash") { onFault(host) }
    }

    func draw(_ site: FaultSite, on host: SimulatedHost) -> Edge {
        if areOn, site.isOfStore, scheduler.now < downUntil {
            inject("store down", on: host)
            return .errorBefore
        }
        guard fires(site) else { return .none }
        let edge = scheduler.chance.pick([Edge.crashBefore, .crashAfter, .errorBefore, .errorAfter, .slowReply])
        inject("\(site): \(edge)", on: host)
        scheduler.record("host \(host.number): \(site) \(edge)")
        return edge
    }

    /// How long a call takes to have its effect, and its reply to come back, in microseconds.
    func latency(_ site: FaultSite, _ edge: Edge) -> (there: Int64, back: Int64) {
        let isSlow = areOn && site.isOfStore && scheduler.now < slowUntil
        let scale = isSlow ? 200 : 1
        let there = Int64(scheduler.chance.draw(50...2000) * scale)
        let back = Int64(scheduler.chance.draw(50...2000) * scale)
        if site == .claim, edge == .none, areOn, rates[.changes] != nil, scheduler.chance.oneIn(3) {
            return (there, Int64(scheduler.chance.draw(500_000...3_000_000)))
        }
        guard edge == .slowReply else { return (there, back) }
        let slow = Int64(scheduler.chance.below(18_000_000))
        return scheduler.chance.oneIn(2) ? (slow, back) : (there, slow)
    }
}
