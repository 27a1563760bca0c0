internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

extension History {
    // MARK: - Claims

    func claimed(_ reply: ClaimReply, _ request: ClaimRequest, by host: SimulatedHost, askedAt: Int64) {
        // Every claim, even an empty one, makes the store notice expired leases.
        advanceStoreTime()
        for id in reply.rejected {
            guard let track = deliveries[id] else { return violate("1: the unknown delivery \(id) is rejected") }
            // One of the expired leases may have been counted as a release that came after it.
            expect(track.expiredLeases >= 3, "10: \(id) is rejected after \(track.expiredLeases) expired leases")
            end(track, .rejected)
            webhooks[track.webhook]?.finished += 1
            happened("deliveries rejected as poison")
        }
        let retries = reply.deliveries.count { claimed in
            claimed.delivery.state.attempts > 0 || deliveries[claimed.delivery.id]?.isRecovered ?? false
        }
        expect(reply.deliveries.count <= request.count, "30: a claim of \(request.count) returned more")
        expect(retries <= request.retries, "32: a claim returned \(retries) retries, limit \(request.retries)")
        let bytes = reply.deliveries.dropLast().reduce(0) { $0 + $1.body.count }
        let left = request.shares.free.bytes
        expect(bytes < max(1, left), "30: a claim returned more than \(bytes) bytes, limit \(left)")
        checkShares(reply, request)
        for claimed in reply.deliveries { self.claimed(claimed, request.rules, by: host, askedAt: askedAt) }
        if !reply.quotaExhausted.isEmpty { happened("daily quotas exhausted") }
    }

    private func claimed(
        _ claimed: ClaimedDelivery, _ rules: DeliveryRules, by host: SimulatedHost, askedAt: Int64
    ) {
        let (id, now) = (claimed.delivery.id, storeClock.now)
        guard let track = deliveries[id], let webhook = webhooks[track.webhook] else {
            return violate("1: the unknown delivery \(id) is claimed")
        }
        scheduler.record(
            "host \(host.number) claims \(id) of \(track.event.event), token \(claimed.lease.token.rawValue)")
        expect(!track.status.isFinal, "9: \(id) was claimed while it was \(track.status)")
        expect(claimed.lease.token > track.token, "11: the token of \(id) did not rise")
        expect(webhook.state == .active && webhook.deletedAt == nil, "39: \(id) of a disabled webhook was claimed")
        expect(webhook.webhook?.hasExpired(now: now) == false, "54: \(id) of an expired webhook was claimed")
        expect(track.dueAt.map { $0 <= now } ?? true, "18: \(id) was claimed before it was due")
        expect(claimed.delivery.state.attempts == track.settled, "51: the attempt count of \(id) is wrong")
        expect(claimed.body == events[track.event]?.body, "8: \(id) has a different body")
        if let until = track.leasedUntil {
            expect(until <= now, "15: \(id) was claimed while it was leased")
            track.expiredLeases += 1
            expect(track.expiredLeases <= 4, "10: \(id) was claimed after \(track.expiredLeases) expired leases")
            happened("deliveries claimed after an expired lease")
        }
        if let slowUntil = webhook.slowUntil, now < slowUntil, clockSetAt == nil {
            expect(claimed.pace == .slow, "33: \(webhook.id) was slow recently, but counts as \(claimed.pace)")
        }
        charge(track, webhook, now: now, limit: rules.dailyLimit)
        checkPace(webhook, now: now)
        lastClaimed = webhook.id
        track.status = .leased
        track.token = claimed.lease.token
        track.leasedUntil = now + claimed.webhook.timeout + rules.leaseMargin
        (track.claimedAt, track.askedAt, track.claimedBy) = (scheduler.now, askedAt, host.number)
        checkCaps(track, webhook, rules)
        checkOrder(track)
    }

    /// Checks guarantee 33: an account has at most half of the slots that others leave free, or one delivery.
    ///
    /// Slow and untried endpoints have at most their share.
    private func checkShares(_ reply: ClaimReply, _ request: ClaimRequest) {
        var (used, own): (Int, [AccountID: Int]) = (request.shares.used.count, [:])
        for claimed in reply.deliveries {
            let account = claimed.delivery.accountID
            let held = own[account] ?? request.shares.held(by: account).count
            let leftByOthers = request.shares.capacity.count - (used - held)
            expect(
                held == 0 || held + 1 <= leftByOthers / 2, "33: \(account) gets \(held + 1) of \(leftByOthers) slots")
            own[account] = held + 1
            used += 1
            happened("claims by pace: \(claimed.pace)")
        }
        let slow = reply.deliveries.count { $0.pace == .slow }
        let notQuick = reply.deliveries.count { $0.pace != .quick }
        expect(slow <= max(0, request.slow.count), "33: \(slow) claims of slow endpoints, limit \(request.slow.count)")
        expect(
            notQuick <= max(0, request.untried.count),
            "33: \(notQuick) claims of untried or slow endpoints, limit \(request.untried.count)")
    }

    /// Checks guarantee 24: the first claim of each delivery charges the daily quota, and a past day is never reset.
    private func charge(_ track: DeliveryTrack, _ webhook: WebhookTrack, now: Timestamp, limit: Int) {
        guard !track.isCharged else { return }
        track.isCharged = true
        if now.utcDay > webhook.quotaDay { (webhook.quotaDay, webhook.quotaUsed) = (now.utcDay, 0) }
        webhook.quotaUsed += 1
        expect(webhook.quotaUsed <= limit, "24: \(webhook.id) got \(webhook.quotaUsed) deliveries in one day")
    }

    /// Checks that a paused webhook gets no request, and that one second has at most twice the requests of the rate.
    private func checkPace(_ webhook: WebhookTrack, now: Timestamp) {
        guard clockSetAt == nil else { return }
        expect(webhook.pausedUntil.map { $0 <= now } ?? true, "breaker: \(webhook.id) gets a request in its pause")
        expect(webhook.backOffUntil.map { $0 <= now } ?? true, "35: \(webhook.id) gets a request while it backs off")
        guard let perSecond = webhook.webhook?.requestsPerSecond else { return }
        webhook.claims = webhook.claims.filter { now - $0 < .seconds(1) } + [now]
        expect(
            webhook.claims.count <= 2 * perSecond,
            "rate: \(webhook.id) gets \(webhook.claims.count) requests in one second")
    }

    /// Records the back-off that an endpoint asks for, and its end after a success.
    ///
    /// - Returns: Whether the webhook was already backing off.
    private func checkQuiet(_ settlement: Settlement, _ record: RequestRecord?, _ webhook: WebhookTrack) -> Bool {
        let now = storeClock.now
        if settlement.decision == .succeed { webhook.backOffUntil = nil }
        guard case .status(let status, let asked?, _)? = record?.answer, record?.heard == status,
            [429, 503].contains(status),
            let seconds = Int64(asked), seconds > 0, let cap = webhook.webhook?.retryPolicy.retryAfterCap
        else { return false }
        let wasQuiet = webhook.backOffUntil.map { now < $0 } ?? false
        let end = now + min(.seconds(seconds), cap, plan.configuration.rules.health.maximumBackOff)
        webhook.backOffUntil = max(wasQuiet ? webhook.backOffUntil ?? end : end, end)
        happened("endpoints that asked to back off")
        return wasQuiet
    }

    /// Checks the effect of an attempt on its webhook: when the webhook must pause or stop.
    private func judge(
        _ settlement: Settlement, _ record: RequestRecord?, _ change: Webhook.HealthChange?, _ track: DeliveryTrack,
        _ webhook: WebhookTrack
    ) {
        let rules = plan.configuration.rules
        let saysNothingNew = checkQuiet(settlement, record, webhook)
        guard settlement.outcome.isEndpointFault else {
            if settlement.decision == .succeed { (webhook.failures, webhook.pausedUntil) = (0, nil) }
            return
        }
        if !saysNothingNew { webhook.failures += 1 }
        // Only the first pause is certain; after a pause, fewer failures cause the next one.
        if webhook.failures == rules.health.breaker.failures, webhook.states.count == 1, !webhook.hasPaused {
            webhook.hasPaused = true
            webhook.pausedUntil = storeClock.now + rules.health.breaker.shortestBreak
            happened("pauses by the circuit breaker")
        }
        guard webhook.state == .active, webhook.deletedAt == nil else { return }
        switch settlement.decision {
        case .giveUp(.gone): expect(change == .gone, "410: \(webhook.id) is active, but its endpoint is gone")
        case .giveUp(.exhausted) where rules.health.failure == .whenAnyDeliveryFails:
            let wasTriedBefore = webhook.states.count > 1
            expect(change == .failed || wasTriedBefore, "health: \(webhook.id) is active after a delivery has failed")
        default: break
        }
    }

    private func checkCaps(_ track: DeliveryTrack, _ webhook: WebhookTrack, _ rules: DeliveryRules) {
        let leased = deliveries.values.filter { $0.leasedUntil.map { $0 > latestStoreTime } ?? false }
        let own = leased.count { $0.webhook == webhook.id }
        expect(own <= rules.maximumInFlightPerWebhook, "30: \(own) deliveries of \(webhook.id) are leased")
        let account = leased.count { $0.event.account == webhook.account }
        expect(account <= rules.maximumInFlightPerAccount, "30: \(account) deliveries of \(webhook.account) are leased")
    }

    private func checkOrder(_ track: DeliveryTrack) {
        guard let key = track.orderingKey else { return }
        let earlier = open(of: track.webhook).filter { $0.orderingKey == key && $0.place < track.place }
        expect(earlier.isEmpty, "ordering: \(track.id) was claimed before \(earlier.first?.id.rawValue ?? "")")
        if open(of: track.webhook).contains(where: { $0.orderingKey == key && $0.place > track.place }) {
            happened("deliveries that others wait for")
        }
    }

    // MARK: - Reports

    func settled(_ settlements: [Settlement], _ results: [Delivery.SettleResult], by host: SimulatedHost) {
        expect(settlements.count == results.count, "51: \(results.count) results for \(settlements.count) reports")
        for (settlement, result) in zip(settlements, results) { settled(settlement, result, by: host) }
    }

    private func settled(_ settlement: Settlement, _ result: Delivery.SettleResult, by host: SimulatedHost) {
        let id = settlement.lease.deliveryID
        guard let track = deliveries[id], let webhook = webhooks[track.webhook] else {
            return violate("1: the unknown delivery \(id) is settled")
        }
        let record = takeUnsettled(settlement.lease, host.number)
        scheduler.record("host \(host.number) reports \(id): \(settlement.decision), \(result)")
        scheduler.fold(UInt64(truncatingIfNeeded: track.place), UInt64(truncatingIfNeeded: settlement.attempt.number))
        switch result {
        case .fenced:
            expect(
                settlement.lease.token != track.token || track.status != .leased, "12: the owner's report was rejected")
            // An attempt that was in flight when its delivery was cancelled is not stored.
            if track.status == .cancelled { track.exposures += 1 }
            return happened("reports rejected by a fencing token")
        case .busy: return violate("6: the report of \(id) was refused as busy")
        case .repeated: return happened("reports repeated after a lost reply")
        case .settled(let change):
            expect(settlement.lease.token == track.token, "11: a report of \(id) with an old token was accepted")
            expect(!track.status.isFinal, "9: \(id) was settled again after it was \(track.status)")
            track.settled += 1
            expect(settlement.attempt.number == track.settled, "51: \(id) has a gap in its attempts")
            if track.expiredLeases > 0 { happened("deliveries settled after expired leases") }
            let memory = Webhook.EndpointPace.memory(of: settlement.attempt.duration)
            if memory > .zero { webhook.slowUntil = max(webhook.slowUntil ?? storeClock.now, storeClock.now + memory) }
            let failure = settlement.attempt.errorType.flatMap(TransportFailure.init(rawValue:))
            expect(
                !(failure.map(SimulatedTransport.ownFaults.contains) ?? false),
                "34: a sender fault used an attempt of \(id)")
            (track.expiredLeases, track.leasedUntil, track.status) = (0, nil, .pending)
            checkDecision(settlement, record, track, webhook)
            checkSteering(settlement, record, change, track, webhook)
            checkExchange(settlement, record, track)
            judge(settlement, record, change, track, webhook)
            settled(settlement.decision, track, webhook)
            switch change {
            case .failed?: webhook.states.append((scheduler.now, .failed))
            case .gone?, .disabledByEndpoint?: webhook.states.append((scheduler.now, .disabled))
            default: break
            }
            if let change { happened("health: \(change)") }
        }
    }

    private func settled(_ decision: RetryDecision, _ track: DeliveryTrack, _ webhook: WebhookTrack) {
        switch decision {
        case .succeed:
            end(track, .succeeded)
            (webhook.succeeded, webhook.finished) = (webhook.succeeded + 1, webhook.finished + 1)
        case .giveUp:
            end(track, .failed)
            webhook.finished += 1
        case .retry(let delay): track.dueAt = storeClock.now + delay
        }
    }

    private func checkDecision(
        _ settlement: Settlement, _ record: RequestRecord?, _ track: DeliveryTrack, _ webhook: WebhookTrack
    ) {
        let status = record?.heard
        let isSuccess = status.map { (200...299).contains($0) } ?? false
        expect(
            (settlement.decision == .succeed) == isSuccess || areLeasesAffectedByClock,
            "5: \(track.id) is \(settlement.decision) after the status \(String(describing: status))")
        guard case .retry(let delay) = settlement.decision else { return }
        let policies = webhook.versions(since: track.askedAt).map(\.retryPolicy)
        let schedules = policies.compactMap { policy in
            policy.schedule.count >= track.settled ? policy.schedule[track.settled - 1] : nil
        }
        guard let shortest = schedules.min(), let longest = schedules.max() else {
            return violate("10: \(track.id) is retried after \(track.settled) attempts")
        }
        let cap = policies.map(\.retryAfterCap).max() ?? .zero
        expect(delay >= shortest, "18: \(track.id) waits \(delay), less than \(shortest)")
        expect(delay <= max(longest * 1.1 + .milliseconds(1), cap), "19: \(track.id) waits too long: \(delay)")
        guard case .status(429, let asked?, _)? = record?.answer, status == 429, let seconds = Int64(asked), seconds > 0
        else { return }
        let floor = min(Duration.seconds(seconds), policies.map(\.retryAfterCap).min() ?? .zero)
        expect(delay >= floor, "19: \(track.id) waits \(delay), despite a Retry-After of \(asked) s")
        happened("waits extended by Retry-After")
    }

    func released(_ releases: [Release]) {
        for release in releases {
            let lease = release.lease
            guard let track = deliveries[lease.deliveryID], track.token == lease.token, track.status == .leased else {
                continue
            }
            (track.status, track.leasedUntil, track.dueAt) = (.pending, nil, nil)
            if release.cause == .senderFault {
                track.dueAt = storeClock.now + .seconds(1)
                happened("deliveries released after a sender fault")
            } else {
                happened("deliveries released unsent")
            }
        }
    }

    private func takeUnsettled(_ lease: Lease, _ host: Int) -> RequestRecord? {
        // A report whose reply was lost is repeated, perhaps while the next attempt of its delivery is in flight.
        guard inFlight[host]?.reported.insert(lease).inserted == true else { return nil }
        // If a clock was set, another worker may have claimed the delivery before its request was sent.
        let own = (inFlight[host]?.unsettled ?? []).enumerated().filter { $0.element.delivery == lease.deliveryID }
        guard let index = (own.first { $0.element.token == lease.token } ?? own.first)?.offset else { return nil }
        return inFlight[host]?.unsettled.remove(at: index)
    }
}
