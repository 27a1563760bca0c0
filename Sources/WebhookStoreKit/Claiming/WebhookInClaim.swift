internal import WebhookDelivery
internal import WebhookEvents

/// One webhook in a claim.
struct WebhookInClaim {
    /// What a webhook waits for after its turn.
    enum Wait {
        /// A change of the webhook, for example that it is enabled.
        case forever
        /// A time.
        case until(Timestamp)
        /// A due delivery waits for a lease to end, by a report or at this time.
        case lease(until: Timestamp)
        /// A due delivery waits for room in the worker; another delivery becomes due at this time.
        case place(Timestamp?)
    }

    /// How long a webhook rests between the steps that postpone its backlog.
    private static let restBetweenSteps = Duration.milliseconds(100)

    private let candidates: WebhookCandidates
    private(set) var webhook: Webhook
    private var firsts: ArraySlice<WebhookCandidates.Candidate>
    private var retries: ArraySlice<WebhookCandidates.Candidate>
    private var leased: Int
    /// How quickly the endpoint responds.
    private let pace: Webhook.EndpointPace.Class
    /// Whether something due was held back because the worker has no room for its bytes or its endpoint's class.
    private(set) var isHeldBack = false
    /// Whether it was held back because the worker has no room for its endpoint's class.
    private(set) var isClassFull = false
    /// When the first delivery that was postponed or leased in this claim is due.
    private var nextChanged: Timestamp?
    /// When the first lease of this claim ends.
    private(set) var firstNewLeaseEnd: Timestamp?
    /// Whether a delivery with an ordering key has ended, so that the next one with that key may be due.
    private var hasFreedOrder = false

    init(_ candidates: WebhookCandidates, now: Timestamp) {
        self.candidates = candidates
        webhook = candidates.webhook
        firsts = candidates.firsts[...]
        retries = candidates.retries[...]
        leased = candidates.leased
        pace = candidates.webhook.pace.classification(now: now)
    }

    /// Whether there are deliveries to claim.
    var hasCandidates: Bool { !firsts.isEmpty || !retries.isEmpty }

    /// Whether the claim changed the webhook, because a claim that finds nothing must not cause a write.
    var isChanged: Bool { webhook != candidates.webhook }

    /// Claims the next delivery; deliveries before it may have been postponed or rejected.
    mutating func claimNext(
        _ allowance: ClaimRequest.Allowance, _ rules: DeliveryRules, now: Timestamp
    ) -> (leased: (Delivery, ClaimRequest.Allowance.Size)?, changed: [Delivery], exhaustsQuota: Bool) {
        var changed: [Delivery] = []
        while case .open(let room) = webhook.gate(now: now, rules: rules), leased < room,
            let candidate = takeCandidate(allowance, mayBegin: webhook.quotaResetsAt(now: now, rules: rules) == nil)
        {
            var delivery = candidate.delivery
            let result = delivery.claim(now: now, webhook: &webhook, rules: rules)
            if result == .unavailable { continue }
            changed.append(delivery)
            if delivery.state.status.isFinal {
                hasFreedOrder = hasFreedOrder || delivery.orderingKey != nil
            } else {
                nextChanged = earliest([nextChanged, delivery.state.dueAt])
            }
            guard case .leased(_, let exhaustsQuota) = result else { continue }
            leased += 1
            firstNewLeaseEnd = earliest([firstNewLeaseEnd, delivery.state.dueAt])
            return ((delivery, size(of: candidate)), changed, exhaustsQuota)
        }
        return (nil, changed, false)
    }

    /// Removes and returns the longest due candidate, if the worker has room for it.
    private mutating func takeCandidate(
        _ allowance: ClaimRequest.Allowance, mayBegin: Bool
    ) -> WebhookCandidates.Candidate? {
        // The store postpones uncharged deliveries, all of them together.
        if !mayBegin { while retries.first?.delivery.state.isCharged == false { retries.removeFirst() } }
        let isFirst = mayBegin && isFirstAttemptNext(mayRetry: allowance.admitsRetries)
        let next = isFirst ? firsts.first : mayBegin || admits(retries.first, allowance) ? retries.first : nil
        guard allowance.admits(pace) else {
            // The store reads no more than there is room for, so unread deliveries wait as well.
            isClassFull = next != nil || mayBegin && candidates.hasMoreFirsts || candidates.hasMoreRetries
            isHeldBack = isHeldBack || isClassFull
            return nil
        }
        guard let next else { return nil }
        guard allowance.admits(size(of: next)) else {
            isHeldBack = true
            return nil
        }
        return isFirst ? firsts.popFirst() : retries.popFirst()
    }

    private func admits(_ retry: WebhookCandidates.Candidate?, _ allowance: ClaimRequest.Allowance) -> Bool {
        allowance.admitsRetries || retry?.delivery.isRetry == false
    }

    private func isFirstAttemptNext(mayRetry: Bool) -> Bool {
        // A delivery among the retries that was never attempted is ordered among the first attempts.
        guard let retry = retries.first?.delivery, mayRetry || !retry.isRetry else { return true }
        guard let first = firsts.first?.delivery else { return false }
        return (first.state.dueAt, first.sequence) < (retry.state.dueAt, retry.sequence)
    }

    private func size(of candidate: WebhookCandidates.Candidate) -> ClaimRequest.Allowance.Size {
        ClaimRequest.Allowance.Size(
            accountID: webhook.accountID, bytes: candidate.bytes, pace: pace,
            isRetry: candidate.delivery.isRetry)
    }

    private func isPutOff(until quotaResetsAt: Timestamp?) -> Bool {
        quotaResetsAt != nil
            && (!firsts.isEmpty || candidates.hasMoreFirsts
                || candidates.retries.contains { !$0.delivery.state.isCharged })
    }

    /// Returns what the store must postpone because the daily quota is exhausted; `nil` if there is nothing.
    func postponed(now: Timestamp, _ rules: DeliveryRules) -> ClaimRound.Postponement? {
        let quotaResetsAt = webhook.quotaResetsAt(now: now, rules: rules)
        guard let quotaResetsAt, isPutOff(until: quotaResetsAt) else { return nil }
        return ClaimRound.Postponement(account: webhook.accountID, webhook: webhook.id, until: quotaResetsAt)
    }

    /// Returns what the webhook waits for now; the account's lease end is given if the account has no room.
    func wait(
        now: Timestamp, _ rules: DeliveryRules, accountLeaseEnd: Timestamp?, accountHasItsShare: Bool
    ) -> Wait {
        // Deliveries not charged to an exhausted quota are postponed in steps; other claims run in between.
        let isPutOff = isPutOff(until: webhook.quotaResetsAt(now: now, rules: rules))
        let hasFirsts = !firsts.isEmpty && !isPutOff
        let hasMoreFirsts = candidates.hasMoreFirsts && !isPutOff
        let later = earliest([candidates.nextDue, nextChanged, isPutOff ? now + Self.restBetweenSteps : nil])
        switch webhook.gate(now: now, rules: rules) {
        case .stopped: return .forever
        case .closed(let until): return .until(until)
        case .open(let room):
            let hasMore = hasMoreFirsts || candidates.hasMoreRetries || hasFreedOrder
            guard hasFirsts || !retries.isEmpty || hasMore else { return later.map { .until($0) } ?? .forever }
            if let accountLeaseEnd { return .lease(until: accountLeaseEnd) }
            let leaseEnd = earliest([candidates.nextLeaseEnd, firstNewLeaseEnd])
            if leased >= room, let leaseEnd { return .lease(until: leaseEnd) }
            let isOnlyRetries = !hasFirsts && !retries.isEmpty && !hasMoreFirsts && !hasFreedOrder
            return isHeldBack || accountHasItsShare || isOnlyRetries ? .place(later) : .until(now)
        }
    }
}
