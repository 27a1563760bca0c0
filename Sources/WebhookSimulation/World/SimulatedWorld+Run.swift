internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning

extension SimulatedWorld {
    /// Sets up the world, runs it with faults for a while, and then runs it without faults until all work is done.
    func run(seed: UInt64) -> SimulationReport {
        faults.areOn = false
        for _ in 0..<plan.hosts { boot() }
        register()
        faults.areOn = true
        scheduleActivity()
        let isSafe = scheduler.run(until: scheduler.now + plan.activity, maximumSteps: Self.maximumSteps)
        history.expect(isSafe, "the run does not end: \(scheduler.steps) steps")
        heal()
        // Calls in progress end first, because one of them may still disable a webhook.
        if isSafe, scheduler.run(until: scheduler.now + 40_000_000, maximumSteps: Self.maximumSteps) { settleDown() }
        history.checkEnd(store: store, effects: effects, isFaultFree: plan.faultRates.isEmpty && !plan.hasPoison)
        if hosts.contains(where: { history.owesReports($0.host.number) }) {
            // After a long outage, a worker may wait for its longest backoff before it calls the store again.
            let backoff = plan.configuration.storeBackoff * 1024
            let longest = min(backoff, plan.configuration.pollInterval).wholeMicroseconds
            scheduler.run(until: scheduler.now + longest + 1_000_000, maximumSteps: Self.maximumSteps)
        }
        for (host, _, _) in hosts {
            history.expect(!history.owesReports(host.number), "6: host \(host.number) never reported an attempt")
        }
        history.expect(faults.escapes == 0, "\(faults.escapes) calls were made from outside their host")
        end()
        for (name, count) in faults.count { history.happened("fault: \(name)", count) }
        return SimulationReport(
            seed: seed, violations: history.violations, hash: scheduler.hash, steps: scheduler.steps,
            duration: .microseconds(scheduler.now), faults: faults.injected, requests: history.requests,
            deliveries: history.deliveries.count, sometimes: history.sometimes, log: scheduler.log)
    }

    private static var maximumSteps: Int { 1_000_000 }

    // MARK: - Setup

    func register() {
        for account in 0..<plan.accounts {
            for number in 0..<plan.webhooksPerAccount {
                let id = WebhookID(unchecked: "wh_\(account)_\(number)")
                var chance = scheduler.chance
                var webhook = Webhook(
                    id: id, accountID: Self.account(account), url: "https://endpoint-\(account)-\(number).example.com/",
                    events: plan.hasMixedWebhooks && chance.oneIn(4) ? [EventPattern(stored: "thing.made")] : [.all],
                    retryPolicy: chance.pick(plan.retryPolicies),
                    ordering: plan.hasMixedWebhooks && chance.oneIn(3) ? .resource : .none,
                    requestsPerSecond: plan.hasMixedWebhooks && chance.oneIn(6) ? 2 : nil, createdAt: storeClock.now)
                if plan.hasMixedWebhooks {
                    webhook.allowsSteering = chance.oneIn(2)
                    webhook.sendsTraceContext = chance.oneIn(2)
                    let life = Duration.microseconds(chance.below(Int(plan.activity)))
                    if chance.oneIn(6) { webhook.expiresAt = storeClock.now + life }
                }
                scheduler.chance = chance
                administer { [webhook] store in
                    guard let secret = try? WebhookSecret("a secret for simulation \(id)") else { return }
                    let registered = RegisteredWebhook(webhook: webhook, secrets: try SecretRotation(secret))
                    try await store.create(registered, limits: .standard)
                } remember: { history, _ in
                    guard let secret = try? WebhookSecret("a secret for simulation \(id)"),
                        let secrets = try? SecretRotation(secret)
                    else { return }
                    history.webhookChanged(webhook, secrets: secrets)
                }
            }
        }
    }

    static func account(_ number: Int) -> AccountID { AccountID(unchecked: "acc_\(number)") }

    func administer<Value: Sendable>(
        _ body: @escaping @Sendable (any WebhookStore) async throws -> Value, remember: (History, Value) -> Void
    ) {
        do {
            let store = store
            remember(history, try effects.run { try await body(store) })
        } catch {
            history.violate("the store failed a call without faults: \(error)")
        }
    }

    // MARK: - Settling down

    /// Checks that every open delivery ends within its longest wait, a lease, a poll and an attempt.
    private func settleDown() {
        let begin = scheduler.now
        repeat {
            // A late report may still stop a webhook.
            enableAll()
            guard scheduler.run(until: scheduler.now + 5_000_000, maximumSteps: Self.maximumSteps) else {
                return history.violate("the run does not end: \(scheduler.steps) steps")
            }
            // Replays create more deliveries, which need more time.
        } while (history.deliveries.values.contains { !$0.status.isFinal } || isRecovering)
            && scheduler.now < begin + lockTimeout
        history.expect(!isRecovering, "7: a replay does not end")
        for track in history.deliveries.values where !track.status.isFinal {
            history.violate(
                "7: \(track.id) is \(track.status) \(SimulationScheduler.seconds(lockTimeout)) s after the last fault")
        }
    }

    /// Whether a replay is still running.
    private var isRecovering: Bool {
        history.replays.values.contains { replay in
            let kept = try? effects.run { [store] in try await store.replay(replay.id, account: replay.accountID) }
            return kept?.state == .running
        }
    }

    private func enableAll() {
        let expired = history.webhooks.values.filter {
            $0.deletedAt == nil && $0.webhook?.hasExpired(now: history.storeClock.now) ?? false
        }
        var update = Webhook.Update()
        update.expiry = .never
        for track in expired.sorted(by: { $0.id < $1.id }) {
            administer({ [id = track.id, account = track.account, update] store in
                try await store.update(id, update, account: account, limits: .standard)
            }) { history, webhook in
                history.expect(webhook != nil, "1: \(track.id) is lost")
                if let webhook { history.webhookChanged(webhook) }
                history.happened("expired webhooks renewed")
            }
        }
        let stopped = history.webhooks.values.filter { $0.deletedAt == nil && $0.state != .active }
        for track in stopped.sorted(by: { $0.id < $1.id }) {
            administer({ [id = track.id, account = track.account] store in
                _ = try await store.enable(id, account: account, backlog: .immediately, limits: .standard)
            }) { history, _ in
                guard var webhook = track.webhook else { return }
                webhook.enable(now: history.storeClock.now)
                history.webhookChanged(webhook)
            }
        }
        if !stopped.isEmpty { for (_, service, _) in hosts { service.wake() } }
    }

    /// The maximum time for all deliveries to finish after the last fault, in microseconds.
    private var lockTimeout: Int64 {
        let waits = plan.retryPolicies.flatMap { $0.schedule + [$0.retryAfterCap] }.max() ?? .zero
        let rules = plan.configuration.rules
        let lease = ServiceLimits.timeoutRange.upperBound + rules.leaseMargin
        // Ordered deliveries run one at a time, rate-limited ones at two a second; poison takes four leases.
        let queue = Duration.seconds(plan.events) + lease * 4 + plan.configuration.pollInterval * 4
        // After several expired leases, a delivery waits up to 64 leases, and up to 16 before that.
        let isOrphaned = history.deliveries.values.contains { !$0.status.isFinal && $0.expiredLeases > 0 }
        let silence = isOrphaned || plan.hasPoison ? lease * 84 : .zero
        let deliveries = history.deliveries.count
        // A consumer that crashed with a fast clock holds its claims for the difference; each attempt meanwhile may
        // wait for a pause of the circuit breaker.
        let hasSlowConsumers = !consumers.isEmpty && plan.faultRates[.clocks] != nil
        let attempts = (plan.retryPolicies.map(\.maximumAttempts).max() ?? 1) * deliveries
        let claims = hasSlowConsumers ? .seconds(1300) + rules.health.breaker.longestBreak * attempts : .zero
        let total =
            waits * 1.1 + rules.health.breaker.longestBreak + rules.health.maximumBackOff + queue + silence + claims
        let days = plan.limits.deliveriesPerDay < deliveries ? deliveries / plan.limits.deliveriesPerDay + 1 : 1
        return total.wholeMicroseconds + (days > 1 ? Int64(days) * 86_400_000_000 : 0)
    }
}
