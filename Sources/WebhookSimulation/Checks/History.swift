internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

/// What truly happened in a run, seen from outside all hosts, and what must never happen.
///
/// It is told of every effect at the moment of the effect, in the order of true time, and knows the rules in its own words:
/// it uses nothing of the engine's state machines. The numbers in violations are those of `Docs/Guarantees.md`.
final class History: @unchecked Sendable {
    let scheduler: SimulationScheduler
    let plan: SimulationPlan
    let storeClock: HostClock
    private(set) var violations: [String] = []
    /// How often things happened that a set of runs must see at least once.
    private(set) var sometimes: [String: Int] = [:]
    var webhooks: [WebhookID: WebhookTrack] = [:]
    var deliveries: [DeliveryID: DeliveryTrack] = [:]
    var events: [EventTrack.Key: EventTrack] = [:]
    var inFlight: [Int: HostLoad] = [:]
    var recoveries: [RecoveryID: Recovery] = [:]
    var handled: [HandlingTrack.Key: HandlingTrack] = [:]
    /// How long first attempts waited for their requests, from the commit that made them.
    var waits: [AccountID: LatencyHistogram] = [:]
    var requests = 0
    var largestBody = 0
    /// The webhook whose delivery was claimed last.
    var lastClaimed: WebhookID?
    private var lastPlace = 0
    private(set) var clockSetAt: Int64?
    private(set) var latestStoreTime = Timestamp(microseconds: .min)

    /// What a host has in flight.
    struct HostLoad {
        var requests = 0
        var retries = 0
        var bytes = 0
        /// When it last read a webhook.
        var reads: [WebhookID: Int64] = [:]
        /// Requests of which the store has no report yet.
        var unsettled: [RequestRecord] = []
        /// The leases under which it has reported something.
        var reported: Set<Lease> = []
    }

    init(_ scheduler: SimulationScheduler, plan: SimulationPlan, storeClock: HostClock) {
        self.scheduler = scheduler
        self.plan = plan
        self.storeClock = storeClock
    }

    func violate(_ what: String) {
        violations.append("\(SimulationScheduler.seconds(scheduler.now)) \(what)")
        scheduler.record("VIOLATION: \(what)")
    }

    func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
        if !condition { violate(what()) }
    }

    func happened(_ what: String, _ count: Int = 1) { sometimes[what, default: 0] += count }

    /// The store's time, never going back: a lease that has ended stays ended when the clock is set back.
    func advanceStoreTime() { latestStoreTime = max(latestStoreTime, storeClock.now) }

    func nextPlace() -> Int {
        lastPlace += 1
        return lastPlace
    }

    /// The store's clock is set: leases end sooner or later than their holders think, which nothing can prevent.
    func clockSet() {
        clockSetAt = scheduler.now
        for track in deliveries.values where track.status == .leased { track.exposures += 1 }
        happened("clocks set")
    }

    /// Whether a lease that is held now may have been warped by a clock.
    var areLeasesWarped: Bool { clockSetAt.map { scheduler.now - $0 < 60_000_000 } ?? false }

    /// Something went wrong on a host: each of its requests without a report may have to be repeated.
    func fault(on host: Int) {
        for record in inFlight[host]?.unsettled ?? [] { deliveries[record.delivery]?.exposures += 1 }
        consumerFault(on: host)
    }
}

/// An event that the store has.
final class EventTrack: @unchecked Sendable {
    struct Key: Hashable {
        let account: AccountID
        let event: EventID
    }

    let body: [UInt8]
    let receipt: PublishReceipt
    /// Whether its publisher knows.
    var isAcknowledged = false

    init(body: [UInt8], receipt: PublishReceipt) {
        self.body = body
        self.receipt = receipt
    }
}

/// A webhook through time.
final class WebhookTrack {
    let id: WebhookID
    let account: AccountID
    let events: [EventPattern]
    let ordering: Webhook.Ordering
    /// What it was from which true time on, in microseconds.
    var versions: [(at: Int64, webhook: Webhook)]
    var states: [(at: Int64, state: Webhook.State)]
    var secrets: SecretTrack
    var deletedAt: Int64?
    var quotaDay = Int64.min
    var quotaUsed = 0
    var succeeded = 0
    var finished = 0
    /// Failures of the endpoint in a row, and until when they keep requests away.
    var failures = 0
    var pausedUntil: Timestamp?
    var hasPaused = false
    /// Until when its endpoint has asked for quiet, by the store's time.
    var quietUntil: Timestamp?
    /// Until when its endpoint counts as slow, by the store's time; `nil` after a change that makes it untried.
    var slowUntil: Timestamp?
    /// When its latest requests were claimed, by the store's time.
    var claims: [Timestamp] = []

    init(_ webhook: Webhook, secrets: SecretTrack, at now: Int64) {
        self.id = webhook.id
        self.account = webhook.account
        self.events = webhook.events
        self.ordering = webhook.ordering
        self.versions = [(now, webhook)]
        self.states = [(now, webhook.state)]
        self.secrets = secrets
    }

    var state: Webhook.State { states.last?.state ?? .disabled }
    var webhook: Webhook? { versions.last?.webhook }

    /// What it was at some moment since then.
    func versions(since: Int64) -> [Webhook] {
        let current = versions.lastIndex { $0.at <= since } ?? 0
        return versions[current...].map(\.webhook)
    }

    /// Whether it was on at some moment since then.
    func wasActive(since: Int64) -> Bool {
        if let deletedAt, deletedAt < since { return false }
        let current = states.lastIndex { $0.at <= since } ?? 0
        return states[current...].contains { $0.state == .active }
    }
}

/// A delivery through time.
final class DeliveryTrack {
    let id: DeliveryID
    let event: EventTrack.Key
    let webhook: WebhookID
    let orderingKey: String?
    /// Its place in the order of publishing.
    let place: Int
    /// When it was made, in true time.
    let madeAt: Int64
    var status = DeliveryState.Status.pending
    var token = FencingToken(0)
    /// Until when it is leased, by the store's time; `nil` when it is not.
    var leasedUntil: Timestamp?
    var claimedAt: Int64 = 0
    var askedAt: Int64 = 0
    var claimedBy = 0
    var dueAt: Timestamp?
    var isCharged = false
    var crashes = 0
    var settled = 0
    var requests = 0
    /// How many faults may have made a repetition necessary.
    var exposures = 0
    /// Whether a recovery made it: it repeats another one, so it counts as a retry from its first attempt on.
    var isRecovered = false

    init(
        id: DeliveryID, event: EventTrack.Key, webhook: WebhookID, orderingKey: String?, place: Int, madeAt: Int64
    ) {
        self.madeAt = madeAt
        self.id = id
        self.event = event
        self.webhook = webhook
        self.orderingKey = orderingKey
        self.place = place
    }
}

/// One request as the network saw it.
final class RequestRecord {
    let delivery: DeliveryID
    let event: EventID
    let webhook: WebhookID
    let host: Int
    let token: FencingToken
    let isRetry: Bool
    let bytes: Int
    /// What the endpoint answered, and whether its sender had a chance to hear it in time.
    var answer: SimulatedEndpoint.Answer?
    var wasInTime = false
    var isAnswerLost = false

    init(
        delivery: DeliveryID, event: EventID, webhook: WebhookID, host: Int, token: FencingToken, isRetry: Bool,
        bytes: Int
    ) {
        self.delivery = delivery
        self.event = event
        self.webhook = webhook
        self.host = host
        self.token = token
        self.isRetry = isRetry
        self.bytes = bytes
    }

    /// The status that its sender heard.
    var heard: Int? {
        guard wasInTime, !isAnswerLost, case .status(let status, _)? = answer else { return nil }
        return status
    }
}
