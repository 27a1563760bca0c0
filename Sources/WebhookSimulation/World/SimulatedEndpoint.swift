internal import WebhookDelivery
internal import WebhookPayload
internal import WebhookRetries

/// A receiver somewhere on the network, in the mood that the seed gave it.
final class SimulatedEndpoint {
    /// What it does with a request.
    enum Answer {
        /// It answers with a status, and perhaps with a `Retry-After`.
        case status(Int, retryAfter: String? = nil)
        /// It accepts the request and never answers.
        case silence
        /// It accepts the request, and the connection breaks before its answer is complete.
        case reset
        /// Nobody listens.
        case refusal
        /// Its name cannot be looked up, or leads to an address that must not be connected to.
        case unreachable(TransportFailure)
    }

    private enum Mood: CaseIterable {
        case healthy, flaky, failing, hanging, throttling, slow, refusing, gone, redirecting, unnamed, rebound
    }

    private let scheduler: SimulationScheduler
    private let mood: Mood
    /// Until when the mood lasts; it is healthy from then on.
    private let badUntil: Int64
    var isHealed = false
    /// What it does, whatever its mood.
    var hostility: Hostility?
    /// The receiver behind it, which answers whatever the mood would accept.
    var consumer: ConsumerSite?

    init(_ scheduler: SimulationScheduler, plan: SimulationPlan) {
        self.scheduler = scheduler
        let isBad = scheduler.chance.below(100) < plan.badEndpoints
        self.mood = isBad ? scheduler.chance.pick(Mood.allCases) : .healthy
        self.badUntil = scheduler.chance.oneIn(2) ? .max : Int64(scheduler.chance.below(Int(plan.activity)))
    }

    /// Draws what happens to a request, and how long it takes, in microseconds.
    func answer() -> (Answer, latency: Int64) {
        let quick = Int64(scheduler.chance.draw(1...80)) * 1000
        switch hostility {
        case nil: break
        case .hanging: return (.silence, quick)
        case .slow: return (.status(200), 4_000_000)
        case .failing: return (.status(503), quick)
        case .throttling: return (.status(429), quick)
        case .replays: return (.status(200), quick)
        }
        guard !isHealed, scheduler.now < badUntil else { return (.status(200), quick) }
        switch mood {
        case .healthy: return (.status(scheduler.chance.pick([200, 201, 204, 299])), quick)
        case .flaky: return (scheduler.chance.oneIn(2) ? .status(200) : .status(503), quick)
        case .failing: return (.status(scheduler.chance.pick([400, 401, 404, 500, 502, 600])), quick)
        case .hanging: return (.silence, quick)
        case .throttling:
            let wait = scheduler.chance.pick(["3", "15", "99999999999", "-5", "soon", "1e308", ""])
            return (.status(scheduler.chance.pick([429, 503]), retryAfter: wait), quick)
        // Around the five seconds that an attempt may take, on either side.
        case .slow: return (.status(200), Int64(scheduler.chance.draw(3000...7000)) * 1000)
        case .refusing: return (scheduler.chance.oneIn(2) ? .refusal : .reset, quick)
        case .gone: return (scheduler.chance.oneIn(3) ? .status(410) : .status(200), quick)
        // The name is gone, or its servers are slow.
        case .unnamed: return (.unreachable(scheduler.chance.pick([.dnsFailure, .dnsTimeout])), quick)
        // The name leads now here, now to an address inside the sender's own network.
        case .rebound: return (scheduler.chance.oneIn(2) ? .unreachable(.blockedAddress) : .status(200), quick)
        case .redirecting: return (.status(scheduler.chance.pick([301, 302, 307])), quick)
        }
    }
}
