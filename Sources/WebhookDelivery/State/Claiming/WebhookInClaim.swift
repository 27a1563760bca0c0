internal import WebhookEvents

/// One webhook's part in a claim.
struct WebhookInClaim {
    /// What a webhook waits for after its turn.
    enum Wait {
        /// Somebody has to do something to it first.
        case forever
        /// Time has to pass.
        case until(Timestamp)
        /// It is due, and all its places are taken until a lease ends, or a report comes before.
        case lease(until: Timestamp)
        /// Only retries are due, and the worker had no place for them; something else is due at this moment.
        case placeForRetries(Timestamp?)
    }

    private let candidates: WebhookCandidates
    private(set) var webhook: Webhook
    private var firsts: ArraySlice<WebhookCandidates.Candidate>
    private var retries: ArraySlice<WebhookCandidates.Candidate>
    private var leased: Int
    /// When the first delivery that was put off or leased in this claim is due.
    private var nextChanged: Timestamp?
    /// When the first lease of this claim ends.
    private(set) var firstNewLeaseEnd: Timestamp?
    /// Whether something in an order has ended: what waited behind it may be due now.
    private var hasFreedOrder = false

    init(_ candidates: WebhookCandidates) {
        self.candidates = candidates
        webhook = candidates.webhook
        firsts = candidates.firsts[...]
        retries = candidates.retries[...]
        leased = candidates.leased
    }

    /// Whether there is something that may go.
    var hasCandidates: Bool { !firsts.isEmpty || !retries.isEmpty }

    /// Whether the claim changed the webhook: one that finds nothing must not cost a write to the disk.
    var isChanged: Bool { webhook != candidates.webhook }

    /// Takes the next delivery that may go; those on the way to it were put off or are out.
    mutating func claimNext(
        _ request: ClaimRequest, at now: Timestamp, mayRetry: Bool
    ) -> (leased: (Delivery, bytes: Int)?, changed: [Delivery], isLastOfDay: Bool) {
        var changed: [Delivery] = []
        while case .open(let room) = webhook.gate(at: now, rules: request.rules), leased < room,
            let candidate = takeCandidate(mayRetry: mayRetry)
        {
            var delivery = candidate.delivery
            let result = delivery.claim(at: now, webhook: &webhook, rules: request.rules)
            if result == .unavailable { continue }
            changed.append(delivery)
            if delivery.state.status.isFinal {
                hasFreedOrder = hasFreedOrder || delivery.orderingKey != nil
            } else {
                nextChanged = earliest([nextChanged, delivery.state.dueAt])
            }
            guard case .leased(_, let isLastOfDay) = result else { continue }
            leased += 1
            firstNewLeaseEnd = earliest([firstNewLeaseEnd, delivery.state.dueAt])
            return ((delivery, candidate.bytes), changed, isLastOfDay)
        }
        return (nil, changed, false)
    }

    private mutating func takeCandidate(mayRetry: Bool) -> WebhookCandidates.Candidate? {
        guard mayRetry, let retry = retries.first?.delivery else { return firsts.popFirst() }
        guard let first = firsts.first?.delivery else { return retries.popFirst() }
        return (first.state.dueAt, first.sequence) < (retry.state.dueAt, retry.sequence)
            ? firsts.popFirst() : retries.popFirst()
    }

    /// What it waits for now; the account's lease end is given when that has no room.
    func wait(at now: Timestamp, _ rules: DeliveryRules, accountLeaseEnd: Timestamp?) -> Wait {
        let later = earliest([candidates.nextDue, nextChanged])
        switch webhook.gate(at: now, rules: rules) {
        case .stopped: return .forever
        case .closed(let until): return .until(until)
        case .open(let room):
            let hasMore = candidates.hasMoreFirsts || candidates.hasMoreRetries || hasFreedOrder
            guard hasCandidates || hasMore else { return later.map { .until($0) } ?? .forever }
            if let accountLeaseEnd { return .lease(until: accountLeaseEnd) }
            let leaseEnd = earliest([candidates.nextLeaseEnd, firstNewLeaseEnd])
            if leased >= room, let leaseEnd { return .lease(until: leaseEnd) }
            let isOnlyRetries = firsts.isEmpty && !retries.isEmpty && !candidates.hasMoreFirsts && !hasFreedOrder
            return isOnlyRetries ? .placeForRetries(later) : .until(now)
        }
    }
}
