internal import WebhookPayload
internal import WebhookRetries

/// A point at which the simulation can inject faults.
@nonexhaustive
public enum FaultSite: String, Sendable, Hashable, CaseIterable {
    /// The store commits an event, or a change of a webhook.
    case publish, administer
    /// The dispatcher calls the store.
    case claim, settle, release, recheck
    /// A request is sent to an endpoint.
    case send
    /// A consumer's process calls its deduplication store, or does a handler's work in its database.
    case remember, handle
    /// A host stops for a while, or crashes.
    case freeze, crash
    /// A host is stopped gracefully, or its task is cancelled.
    case stop, cancel
    /// Clocks are wrong and are set.
    case clocks
    /// The store is down or slow for a while.
    case outage, slowness
    /// A host lacks a local resource for a while: its resolver, a route, ports, descriptors or certificates.
    case shortage
    /// Users change webhooks while their deliveries are claimed, and claims take longer.
    case changes
}

extension FaultSite {
    /// Whether the site is reached so rarely that its faults need a higher rate.
    fileprivate var isRare: Bool { self == .release || self == .recheck || self == .administer }

    /// Whether the site is a call of the engine's store, which may be down or slow.
    fileprivate var isOfStore: Bool { self != .send && self != .shortage && self != .remember && self != .handle }
}

/// The faults of a run, which the seed determines.
///
/// A site may be without faults for a whole run, so that faults elsewhere are not hidden.
final class Faults {
    enum Edge {
        case none
        /// The process crashes before or after the effect of the call.
        case crashBefore, crashAfter
        /// The call throws before or after its effect.
        case errorBefore, errorAfter
        /// The reply takes up to the length of a lease.
        case slowReply
    }

    private let scheduler: SimulationScheduler
    /// One in how many calls fails at each site; missing sites have no faults.
    let rates: [FaultSite: Int]
    /// Whether faults are injected now.
    var areOn = true
    /// The number of injected faults.
    private(set) var injected = 0
    private(set) var count: [String: Int] = [:]
    /// The number of calls made from outside their host.
    var escapes = 0
    /// The resource that each host lacks, and until when.
    private var shortages: [Int: (failure: TransportFailure, until: Int64)] = [:]
    /// Until when the store is down or slow.
    var downUntil: Int64 = 0
    var slowUntil: Int64 = 0

    init(_ scheduler: SimulationScheduler, rates: [FaultSite: Int]) {
        self.scheduler = scheduler
        self.rates = rates
    }

    /// Draws which sites have faults in a run, each with a probability of 2 in 5, and at which rate.
    static func drawRates(_ chance: inout SeededGenerator, without quiet: Set<FaultSite>) -> [FaultSite: Int] {
        var rates: [FaultSite: Int] = [:]
        for site in FaultSite.allCases {
            // Both values are drawn for every site, so that excluding one site does not change the others.
            let (isActive, rate) = (chance.below(5) < 2, chance.pick(site.isRare ? [1, 2, 4] : [4, 16, 64]))
            if isActive, !quiet.contains(site) { rates[site] = rate }
        }
        return rates
    }

    func fires(_ site: FaultSite) -> Bool {
        guard areOn, let rate = rates[site] else { return false }
        return scheduler.chance.oneIn(rate)
    }

    /// Called for every fault on a host.
    var onFault: (SimulatedHost) -> Void = { _ in }
    /// Until when a host waits for a slow reply.
    var waitsUntil: [Int: Int64] = [:]

    /// Makes a host lack a resource for a while.
    func lack(_ failure: TransportFailure, on host: SimulatedHost, for length: Int64) {
        inject("shortage: \(failure.rawValue)", on: host)
        shortages[host.number] = (failure, scheduler.now + length)
    }

    /// Returns the failure caused by the resource that a host lacks now.
    func shortage(of host: SimulatedHost) -> TransportFailure? {
        guard areOn, let shortage = shortages[host.number], scheduler.now < shortage.until else { return nil }
        return shortage.failure
    }

    /// Records an injected fault.
    func inject(_ name: String, on host: SimulatedHost) {
        injected += 1
        count[name, default: 0] += 1
        // A crash is reported when it happens.
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

    /// Draws how long a call takes to its effect, and its reply takes to return, in microseconds.
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
