internal import WebhookDelivery
internal import WebhookPayload
internal import WebhookRetries

/// An endpoint on the network, whose behaviour the seed determines.
final class SimulatedEndpoint {
    /// The endpoint's reaction to a request.
    enum Answer {
        /// The endpoint responds with a status, and optionally with `Retry-After` or `webhook-delivery`.
        case status(Int, retryAfter: String? = nil, steering: String? = nil)
        /// The endpoint accepts the request and never responds.
        case silence
        /// The endpoint accepts the request, and the connection breaks before the response is complete.
        case reset
        /// The endpoint refuses the connection.
        case refusal
        /// The endpoint's name cannot be resolved, or resolves to a blocked address.
        case unreachable(TransportFailure)
    }

    private enum Mood: CaseIterable {
        case healthy, flaky, failing, hanging, throttling, slow, refusing, gone, redirecting, unnamed, rebound, steering
    }

    private let scheduler: SimulationScheduler
    private let mood: Mood
    /// When the mood ends; the endpoint is healthy afterwards.
    private let badUntil: Int64
    var isHealed = false
    /// The hostile behaviour, which overrides the mood.
    var hostility: Hostility?
    /// The receiver that responds to the requests that the mood would accept.
    var consumer: ConsumerSite?

    init(_ scheduler: SimulationScheduler, plan: SimulationPlan) {
        self.scheduler = scheduler
        let isBad = scheduler.chance.below(100) < plan.badEndpoints
        self.mood = isBad ? scheduler.chance.pick(Mood.allCases) : .healthy
        self.badUntil = scheduler.chance.oneIn(2) ? .max : Int64(scheduler.chance.below(Int(plan.activity)))
    }

    /// Draws the reaction to a request, and its latency in microseconds.
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
        // Around the timeout of five seconds, on either side.
        case .slow: return (.status(200), Int64(scheduler.chance.draw(3000...7000)) * 1000)
        case .refusing: return (scheduler.chance.oneIn(2) ? .refusal : .reset, quick)
        case .gone: return (scheduler.chance.oneIn(3) ? .status(410) : .status(200), quick)
        // The name does not exist, or its name servers are slow.
        case .unnamed: return (.unreachable(scheduler.chance.pick([.dnsFailure, .dnsTimeout])), quick)
        // The name alternates between the endpoint and an address inside the sender's network.
        case .rebound: return (scheduler.chance.oneIn(2) ? .unreachable(.blockedAddress) : .status(200), quick)
        case .steering:
            let steering = scheduler.chance.oneIn(6) ? "disable" : scheduler.chance.pick(["abort-message", "later"])
            return (.status(scheduler.chance.pick([200, 500]), steering: steering), quick)
        case .redirecting: return (.status(scheduler.chance.pick([301, 302, 307])), quick)
        }
    }
}
