public import WebhookEvents
public import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
public import WebhookSigning

/// Takes due deliveries from a store, sends them, and reports what came of them.
///
/// Any number of dispatchers, in any number of processes, may work on one store. A dispatcher holds nothing that a crash
/// could lose: what it had is free again when the lease ends.
public struct Dispatcher: Sendable {
    private let store: any WebhookStore
    private let transport: any WebhookTransport
    private let clock: any WebhookClock
    private let random: any RandomSource
    private let limits: WebhookLimits
    private let signingKeys: [WebhookSecret]
    private let configuration: DispatcherConfiguration
    private let observer: (any DeliveryObserver)?
    private let inbox = DispatcherInbox()

    /// Creates a dispatcher; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - store: Where deliveries are kept.
    ///   - transport: What sends requests.
    ///   - clock: The time for signatures and measurements.
    ///   - random: Where jitter comes from.
    ///   - limits: The daily limit to charge.
    ///   - signingKeys: The sender's own `whsk_` keys; every request then carries a `v1a` signature of each as well.
    ///   - configuration: How much to do at once.
    ///   - observer: Who is told of everything.
    public init(
        store: any WebhookStore, transport: any WebhookTransport, clock: any WebhookClock, random: any RandomSource,
        limits: WebhookLimits = .documented, signingKeys: [WebhookSecret] = [],
        configuration: DispatcherConfiguration = DispatcherConfiguration(), observer: (any DeliveryObserver)? = nil
    ) {
        precondition(signingKeys.allSatisfy { $0.kind == .signingKey }, "signing keys are `whsk_` keys")
        self.store = store
        self.transport = transport
        self.clock = clock
        self.random = random
        self.limits = limits
        self.signingKeys = signingKeys
        self.configuration = configuration
        self.observer = observer
    }

    /// Looks for work now: call it after a commit that this dispatcher could not see.
    public func wake() { inbox.wake() }

    /// Takes no more work; ``run()`` returns when what is in flight has ended and is reported, and at once from then on.
    public func stop() { inbox.stop() }

    /// Delivers until ``stop()``.
    ///
    /// Cancelling the task is the hard way: requests are broken off, nothing more is reported, and the deliveries are free
    /// again when their leases end, just as after a crash.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, ``DeliveryError`` when it runs already.
    public func run() async throws {
        guard inbox.begin() else {
            throw DeliveryError(.alreadyRunning, "The dispatcher is running already", hint: "Run it in one task only.")
        }
        defer { inbox.end() }
        var state = DispatcherState(configuration)
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                receive(into: &state)
                switch state.next() {
                case .claim(let count): await claim(count, &state, in: &group)
                case .settle(let settlements): await settle(settlements, &state)
                case .release(let leases): await release(leases, &state)
                case .wait(let duration): await wait(duration, &state)
                case .finish: return
                }
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    private func receive(into state: inout DispatcherState) {
        let contents = inbox.take()
        for settlement in contents.finished { state.attemptFinished(settlement) }
        for lease in contents.unsent { state.attemptNotStarted(lease) }
        if contents.isWoken { state.wokeUp() }
        if contents.isStopping { state.stop() }
    }

    private func claim(_ count: Int, _ state: inout DispatcherState, in group: inout DiscardingTaskGroup) async {
        let request = ClaimRequest(
            count: count, bytes: configuration.claimBytes, perWebhook: configuration.perWebhook,
            leaseMargin: configuration.leaseMargin, dailyLimit: limits.deliveriesPerDay)
        // Leases are trusted from before the request: a slow reply must not stretch them.
        let requestedAt = clock.uptime
        do {
            let reply = try await store.claim(request)
            for claimed in reply.deliveries {
                group.addTask { await attempt(claimed, claimedAt: requestedAt) }
            }
            for id in reply.rejected { observer?.observe(.rejected(id)) }
            state.claimed(reply.deliveries.count, of: count, nextDueIn: reply.nextDueIn)
        } catch {
            storeFailed(error, &state)
        }
    }

    private func settle(_ settlements: [Settlement], _ state: inout DispatcherState) async {
        do {
            let results = try await store.settle(settlements)
            state.settled(settlements.count)
            for (settlement, result) in zip(settlements, results) { report(settlement, result) }
        } catch {
            storeFailed(error, &state)
        }
    }

    private func release(_ leases: [Lease], _ state: inout DispatcherState) async {
        do {
            try await store.release(leases)
            state.released(leases.count)
            let reason =
                "claims take longer than \(configuration.trustWindow); \(leases.count) deliveries were given back"
            observer?.observe(.storeUnavailable(reason))
        } catch {
            storeFailed(error, &state)
        }
    }

    /// Sleeps until the inbox has something or the time is over, whichever comes first.
    private func wait(_ duration: Duration, _ state: inout DispatcherState) async {
        let timeIsOver = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                try? await clock.sleep(for: duration)
                return true
            }
            group.addTask {
                await inbox.wait()
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        if timeIsOver { state.wokeUp() }
    }

    private func storeFailed(_ error: any Error, _ state: inout DispatcherState) {
        state.storeFailed()
        observer?.observe(.storeUnavailable(String(describing: error)))
    }

    private func report(_ settlement: Settlement, _ result: DeliveryState.OnSettle) {
        switch result {
        case .fenced: observer?.observe(.fenced(settlement.lease))
        case .settled(webhookStopped: let state):
            if let state { observer?.observe(.webhookStopped(settlement.lease.webhook, state)) }
        }
    }

    /// Makes one attempt, from the signature to the decision what follows.
    private func attempt(_ claimed: ClaimedDelivery, claimedAt: Duration) async {
        let startedAt = clock.now
        let begin = clock.uptime
        guard begin - claimedAt < configuration.trustWindow else { return inbox.attemptNotStarted(claimed.lease) }
        let outcome = await outcome(of: claimed, startedAt: startedAt)
        guard !Task.isCancelled else { return }
        var generator = RandomSourceGenerator(random)
        let decision = claimed.webhook.retryPolicy.decision(
            after: outcome, attempt: claimed.attemptNumber, using: &generator)
        let attempt = Attempt(
            number: claimed.attemptNumber, startedAt: startedAt, duration: clock.uptime - begin,
            statusCode: outcome.statusCode, errorType: outcome.errorType)
        observer?.observe(.attempted(claimed.delivery, attempt, decision))
        inbox.attemptFinished(Settlement(lease: claimed.lease, attempt: attempt, decision: decision))
    }

    private func outcome(of claimed: ClaimedDelivery, startedAt: Timestamp) async -> AttemptOutcome {
        do {
            let request = try claimed.signedRequest(
                policy: transport.policy, signingKeys: signingKeys, now: startedAt)
            let response = try await transport.send(request)
            let wait = RetryAfter.wait(response.headers.values("Retry-After"), now: clock.now)
            return .response(status: response.status, retryAfter: wait)
        } catch let error as TransportError {
            return .failure(error.failure)
        } catch is EndpointError {
            return .failure(.blockedAddress)
        } catch {
            return .failure(error is CancellationError ? .cancelled : .unknown)
        }
    }
}
