internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

/// The true history of a run, as seen from outside all hosts, with checks of what must never happen.
///
/// It records every effect when it occurs, in the order of true time. It implements the rules independently of the
/// engine's state machines. The numbers in violations are those of `Docs/Guarantees.md`.
final class History: @unchecked Sendable {
    let scheduler: SimulationScheduler
    let plan: SimulationPlan
    let storeClock: HostClock
    private(set) var violations: [String] = []
    /// Counts of situations that must occur at least once in a set of runs.
    private(set) var sometimes: [String: Int] = [:]
    var webhooks: [WebhookID: WebhookTrack] = [:]
    var deliveries: [DeliveryID: DeliveryTrack] = [:]
    var events: [EventTrack.Key: EventTrack] = [:]
    var inFlight: [Int: HostLoad] = [:]
    var replays: [ReplayID: Replay] = [:]
    var handled: [HandlingTrack.Key: HandlingTrack] = [:]
    /// The latency of first attempts, from the commit of the delivery to the request.
    var waits: [AccountID: DeliveryStatistics.LatencyHistogram] = [:]
    var requests = 0
    var largestBody = 0
    /// The webhook of the latest claimed delivery.
    var lastClaimed: WebhookID?
    private var lastPlace = 0
    private(set) var clockSetAt: Int64?
    private(set) var latestStoreTime = Timestamp(microseconds: .min)

    /// The requests that a host has in flight.
    struct HostLoad {
        var requests = 0
        var retries = 0
        var bytes = 0
        /// When the host last read each webhook.
        var reads: [WebhookID: Int64] = [:]
        /// The requests that the host has not reported to the store yet.
        var unsettled: [RequestRecord] = []
        /// The leases of the reports that the host has made.
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

    /// Advances the store's time, which never goes back: an expired lease stays expired when the clock is set back.
    func advanceStoreTime() { latestStoreTime = max(latestStoreTime, storeClock.now) }

    func nextPlace() -> Int {
        lastPlace += 1
        return lastPlace
    }

    /// Records that the store's clock was set, so that leases end earlier or later than their holders expect.
    func clockSet() {
        clockSetAt = scheduler.now
        for track in deliveries.values where track.status == .leased { track.exposures += 1 }
        happened("clocks set")
    }

    /// Whether a change of the clock may have affected the current leases.
    var areLeasesAffectedByClock: Bool { clockSetAt.map { scheduler.now - $0 < 60_000_000 } ?? false }

    /// Records a fault on a host, which may have to repeat each of its unreported requests.
    func fault(on host: Int) {
        for record in inFlight[host]?.unsettled ?? [] { deliveries[record.delivery]?.exposures += 1 }
        consumerFault(on: host)
    }
}

/// The record of a stored event.
final class EventTrack: @unchecked Sendable {
    struct Key: Hashable {
        let account: AccountID
        let event: EventID
    }

    let body: [UInt8]
    let receipt: PublishReceipt
    /// Whether the publisher knows that the event is stored.
    var isAcknowledged = false

    init(body: [UInt8], receipt: PublishReceipt) {
        self.body = body
        self.receipt = receipt
    }
}

/// The history of one webhook.
final class WebhookTrack {
    let id: WebhookID
    let account: AccountID
    let events: [EventPattern]
    let ordering: Webhook.Ordering
    /// The versions of the webhook, each with the true time of its start in microseconds.
    var versions: [(at: Int64, webhook: Webhook)]
    var states: [(at: Int64, state: Webhook.Status)]
    var secrets: SecretTrack
    var deletedAt: Int64?
    var quotaDay = Int64.min
    var quotaUsed = 0
    var succeeded = 0
    var finished = 0
    /// The endpoint's failures in a row, and when the pause that they cause ends.
    var failures = 0
    var pausedUntil: Timestamp?
    var hasPaused = false
    /// When the back-off that the endpoint asked for ends, in the store's time.
    var backOffUntil: Timestamp?
    /// Until when the endpoint counts as slow, in the store's time; `nil` after a change that makes it untried.
    var slowUntil: Timestamp?
    /// When the latest requests were claimed, in the store's time.
    var claims: [Timestamp] = []

    init(_ webhook: Webhook, secrets: SecretTrack, at now: Int64) {
        self.id = webhook.id
        self.account = webhook.accountID
        self.events = webhook.events
        self.ordering = webhook.ordering
        self.versions = [(now, webhook)]
        self.states = [(now, webhook.status)]
        self.secrets = secrets
    }

    var state: Webhook.Status { states.last?.state ?? .disabled }
    var webhook: Webhook? { versions.last?.webhook }

    /// Returns the versions that were current at any time since the given one.
    func versions(since: Int64) -> [Webhook] {
        let current = versions.lastIndex { $0.at <= since } ?? 0
        return versions[current...].map(\.webhook)
    }

    /// Returns whether the webhook was active at any time since the given one.
    func wasActive(since: Int64) -> Bool {
        if let deletedAt, deletedAt < since { return false }
        let current = states.lastIndex { $0.at <= since } ?? 0
        return states[current...].contains { $0.state == .active }
    }
}

/// The history of one delivery.
final class DeliveryTrack {
    let id: DeliveryID
    let event: EventTrack.Key
    let webhook: WebhookID
    let orderingKey: String?
    /// The position of the delivery in the order of publishing.
    let place: Int
    /// When the delivery was created, in true time.
    let madeAt: Int64
    var status = Delivery.State.Status.pending
    var token = Lease.FencingToken(0)
    /// When the lease ends, in the store's time; `nil` when the delivery is not leased.
    var leasedUntil: Timestamp?
    var claimedAt: Int64 = 0
    var askedAt: Int64 = 0
    var claimedBy = 0
    var dueAt: Timestamp?
    var isCharged = false
    var expiredLeases = 0
    var settled = 0
    var requests = 0
    /// How many faults may have caused a repeated request.
    var exposures = 0
    /// Whether a replay created the delivery, which then counts as a retry from its first attempt.
    var isRecovered = false
    /// The exchanges of the accepted reports, by the number of the attempt.
    var exchanges: [Int: Attempt.Exchange] = [:]

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

/// The record of one request in the network.
final class RequestRecord {
    let delivery: DeliveryID
    let event: EventID
    let webhook: WebhookID
    let host: Int
    let token: Lease.FencingToken
    let isRetry: Bool
    let bytes: Int
    /// The endpoint's response, and whether it was sent in time.
    var answer: SimulatedEndpoint.Answer?
    var wasInTime = false
    var isAnswerLost = false

    init(
        delivery: DeliveryID, event: EventID, webhook: WebhookID, host: Int, token: Lease.FencingToken, isRetry: Bool,
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

    /// The status that the sender received.
    var heard: Int? {
        guard wasInTime, !isAnswerLost, case .status(let status, _, _)? = answer else { return nil }
        return status
    }

    /// The `webhook-delivery` header that the sender received.
    var steering: String? {
        if heard != nil, case .status(_, _, let steering)? = answer { steering } else { nil }
    }
}
