internal import WebhookDelivery
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
        /// The worker has no place for what is due; something else is due at this moment.
        case place(Timestamp?)
    }

    /// How long a backlog that is put off rests between its steps.
    private static let restBetweenSteps = Duration.milliseconds(100)

    private let candidates: WebhookCandidates
    private(set) var webhook: Webhook
    private var firsts: ArraySlice<WebhookCandidates.Candidate>
    private var retries: ArraySlice<WebhookCandidates.Candidate>
    private var leased: Int
    /// How soon its endpoint answers.
    private let pace: EndpointPace.Class
    /// Whether something was due for which the worker has no place: for its bytes, or for endpoints of its pace.
    private(set) var isHeldBack = false
    /// Whether it was held back because the worker has all that it may have of endpoints of its pace.
    private(set) var isClassFull = false
    /// When the first delivery that was put off or leased in this claim is due.
    private var nextChanged: Timestamp?
    /// When the first lease of this claim ends.
    private(set) var firstNewLeaseEnd: Timestamp?
    /// Whether something in an order has ended: what waited behind it may be due now.
    private var hasFreedOrder = false

    init(_ candidates: WebhookCandidates, at now: Timestamp) {
        self.candidates = candidates
        webhook = candidates.webhook
        firsts = candidates.firsts[...]
        retries = candidates.retries[...]
        leased = candidates.leased
        pace = candidates.webhook.pace.classification(at: now)
    }

    /// Whether there is something that may go.
    var hasCandidates: Bool { !firsts.isEmpty || !retries.isEmpty }

    /// Whether the claim changed the webhook: one that finds nothing must not cost a write to the disk.
    var isChanged: Bool { webhook != candidates.webhook }

    /// Takes the next delivery that may go; those on the way to it were put off or are out.
    mutating func claimNext(
        _ allowance: ClaimAllowance, _ rules: DeliveryRules, at now: Timestamp
    ) -> (leased: (Delivery, ClaimAllowance.Size)?, changed: [Delivery], isLastOfDay: Bool) {
        var changed: [Delivery] = []
        while case .open(let room) = webhook.gate(at: now, rules: rules), leased < room,
            let candidate = takeCandidate(allowance, mayBegin: webhook.beginsAgain(at: now, rules: rules) == nil)
        {
            var delivery = candidate.delivery
            let result = delivery.claim(at: now, webhook: &webhook, rules: rules)
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
            return ((delivery, size(of: candidate)), changed, isLastOfDay)
        }
        return (nil, changed, false)
    }

    /// Takes out the candidate that has been due longest, if the worker has a place for it.
    private mutating func takeCandidate(
        _ allowance: ClaimAllowance, mayBegin: Bool
    ) -> WebhookCandidates.Candidate? {
        // What is not charged is put off by the store, all of it at once.
        if !mayBegin { while retries.first?.delivery.state.isCharged == false { retries.removeFirst() } }
        let isFirst = mayBegin && isFirstAttemptNext(mayRetry: allowance.admitsRetries)
        let next = isFirst ? firsts.first : mayBegin || admits(retries.first, allowance) ? retries.first : nil
        guard allowance.admits(pace) else {
            // No more is read than there is room for: what was not read waits as well.
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

    private func admits(_ retry: WebhookCandidates.Candidate?, _ allowance: ClaimAllowance) -> Bool {
        allowance.admitsRetries || retry?.delivery.isRetry == false
    }

    private func isFirstAttemptNext(mayRetry: Bool) -> Bool {
        // What waits with the retries though it was never attempted has its place among the first attempts.
        guard let retry = retries.first?.delivery, mayRetry || !retry.isRetry else { return true }
        guard let first = firsts.first?.delivery else { return false }
        return (first.state.dueAt, first.sequence) < (retry.state.dueAt, retry.sequence)
    }

    private func size(of candidate: WebhookCandidates.Candidate) -> ClaimAllowance.Size {
        ClaimAllowance.Size(
            account: webhook.account, bytes: candidate.bytes, pace: pace,
            isRetry: candidate.delivery.isRetry)
    }

    private func isPutOff(until beginsAgain: Timestamp?) -> Bool {
        beginsAgain != nil
            && (!firsts.isEmpty || candidates.hasMoreFirsts
                || candidates.retries.contains { !$0.delivery.state.isCharged })
    }

    /// What the store is to put off because the webhook's day is used up; `nil` when nothing that is due has to wait for the next.
    func putOff(at now: Timestamp, _ rules: DeliveryRules) -> ClaimRound.PutOff? {
        let beginsAgain = webhook.beginsAgain(at: now, rules: rules)
        guard let beginsAgain, isPutOff(until: beginsAgain) else { return nil }
        return ClaimRound.PutOff(account: webhook.account, webhook: webhook.id, until: beginsAgain)
    }

    /// What it waits for now; the account's lease end is given when that has no room.
    func wait(
        at now: Timestamp, _ rules: DeliveryRules, accountLeaseEnd: Timestamp?, accountHasItsShare: Bool
    ) -> Wait {
        // What is not charged to a used-up day is put off in steps; others come in between.
        let isPutOff = isPutOff(until: webhook.beginsAgain(at: now, rules: rules))
        let hasFirsts = !firsts.isEmpty && !isPutOff
        let hasMoreFirsts = candidates.hasMoreFirsts && !isPutOff
        let later = earliest([candidates.nextDue, nextChanged, isPutOff ? now + Self.restBetweenSteps : nil])
        switch webhook.gate(at: now, rules: rules) {
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
