public import WebhookEvents
internal import WebhookPayload
internal import WebhookRetries
public import WebhookSigning

/// Claims due deliveries from a store, sends them, and reports the results.
///
/// Any number of dispatchers, in any number of processes, can share a store. A dispatcher holds no state that a crash
/// could lose: its deliveries can be claimed again when their leases expire.
public struct Dispatcher: Sendable {
    let store: any WebhookStore
    let clock: any WebhookClock
    let configuration: Dispatcher.Configuration
    let sender: AttemptSender
    let inbox = DispatcherInbox()
    let observation: Observation
    let faults = SenderFaults()
    let tests: AccountSlots

    /// Creates a dispatcher, which is idle until ``run()``.
    ///
    /// - Parameters:
    ///   - store: The store of the deliveries.
    ///   - transport: The transport for requests.
    ///   - clock: The time for signatures and measurements.
    ///   - random: The source of randomness for jitter.
    ///   - signingKeys: The sender's `whsk_` keys; every request also carries a `v1a` signature of each of them.
    ///   - configuration: The limits and timing of the dispatcher.
    ///   - observer: The observer of all notifications.
    public init(
        store: any WebhookStore, transport: any WebhookTransport, clock: any WebhookClock, random: any RandomSource,
        signingKeys: [WebhookSecret] = [], configuration: Dispatcher.Configuration = Dispatcher.Configuration(),
        observer: (any DeliveryObserver)? = nil
    ) {
        precondition(signingKeys.allSatisfy { $0.kind == .signingKey }, "signing keys must be `whsk_` keys")
        self.store = store
        self.clock = clock
        self.configuration = configuration
        self.observation = Observation(observer)
        self.tests = AccountSlots(capacity: configuration.maximumInFlight / AccountSlots.testDivisor)
        self.sender = AttemptSender(
            transport: transport, clock: clock, random: random, signingKeys: signingKeys,
            recording: configuration.recording)
    }

    /// Claims immediately; call this after a commit that the dispatcher could not see.
    public func wake() { inbox.wake() }

    /// Stops claiming.
    ///
    /// ``run()`` returns once everything in flight has ended and is reported; later calls return immediately.
    public func stop() { inbox.stop() }

    /// Delivers until ``stop()``.
    ///
    /// Cancelling the task stops immediately: requests in flight are cancelled and not reported, and their deliveries
    /// can be claimed again when their leases expire, as after a crash.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; ``DeliveryError`` if the dispatcher is already running
    ///   or the configured leases could expire before their attempts end.
    public func run() async throws {
        try configuration.check()
        guard inbox.begin() else {
            throw DeliveryError(.alreadyRunning, "The dispatcher is already running", hint: "Run it in one task only.")
        }
        defer { inbox.end() }
        await withDiscardingTaskGroup { group in
            group.addTask { await store.listen { inbox.wake() } }
            await work()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    private func work() async {
        let shards = store as? any ShardingStore
        shards?.dispatcherBegins()
        defer { shards?.dispatcherEnds() }
        var run = Run(state: DispatcherState(configuration, router: shards?.router))
        await withDiscardingTaskGroup { group in
            if let stream = observation.begin() { group.addTask { await observation.relay(stream) } }
            defer { observation.end() }
            while !run.isFinished, !Task.isCancelled {
                await withDiscardingTaskGroup { alarms in
                    await work(&run, in: &group, &alarms)
                    alarms.cancelAll()
                }
                run.alarm = nil
            }
            if Task.isCancelled { group.cancelAll() }
        }
    }

    /// The state of one run.
    private struct Run {
        var state: DispatcherState
        /// When the current alarm rings.
        var alarm: Duration?
        var backOffUntil: Duration?
        /// When pending reports are retried.
        var retryAt: Duration?
        var isFinished = false
    }

    /// Performs the actions of the state machine until it finishes, or until a set alarm must be cancelled.
    ///
    /// A busy dispatcher waits thousands of times per second, so a set alarm is kept between waits. A dispatcher with
    /// nothing in flight cancels its alarm: tests with a manual clock take a sleeping task as a sign that it is idle.
    private func work(
        _ run: inout Run, in group: inout DiscardingTaskGroup, _ alarms: inout DiscardingTaskGroup
    ) async {
        while !Task.isCancelled {
            receive(into: &run.state)
            retryReports(&run)
            if run.alarm != nil, !run.state.isSending { return }
            switch run.state.next() {
            case .claim(let request): await claim(request, &run.state, in: &group)
            case .settle(let settlements): await settle(settlements, &run.state)
            case .release(let releases): await release(releases, &run.state)
            case .reportSeparately(let report):
                run.state.reportsSeparately(report.accountID)
                group.addTask { await reportSeparately(report) }
            case .wait(let limit): await wait(limit, &run, in: &alarms)
            case .backOff(let duration):
                // What arrives in the inbox in the meantime must not restart the wait.
                let until = run.backOffUntil ?? clock.uptime + duration
                run.backOffUntil = until
                await wait(until - clock.uptime, &run, in: &alarms)
                if clock.uptime >= until {
                    run.backOffUntil = nil
                    run.state.timePassed()
                }
            case .finish:
                run.isFinished = true
                return
            }
        }
    }

    /// Retries pending reports that are due; a busy dispatcher never waits for long, so polling the clock is enough.
    private func retryReports(_ run: inout Run) {
        guard run.state.hasReportsToRetry else {
            run.retryAt = nil
            return
        }
        let retryAt = run.retryAt ?? clock.uptime + configuration.storeBackoff
        run.retryAt = retryAt
        guard clock.uptime >= retryAt else { return }
        run.retryAt = nil
        run.state.retryReports()
    }

    private func receive(into state: inout DispatcherState) {
        let contents = inbox.take()
        for (settlement, slot) in contents.finished { state.attemptFinished(settlement, slot) }
        for (release, slot) in contents.unsent { state.attemptNotStarted(release, slot, isLate: contents.isLate) }
        for outcome in contents.reportedSeparately {
            for lease in state.reportedSeparately(outcome) {
                observation.report(.reportDiscarded(lease, outcome.error ?? ""))
            }
        }
        if contents.isWoken { state.wokeUp() }
        if contents.isStopping { state.stop() }
    }

    private func claim(
        _ request: ClaimRequest, _ state: inout DispatcherState, in group: inout DiscardingTaskGroup
    ) async {
        if let shards = store as? any ShardingStore,
            let shard = shards.shardToProbe(at: clock.uptime, rest: configuration.storeBackoff)
        {
            group.addTask {
                await shards.probe(shard)
                inbox.wake()
            }
        }
        // The age of a claim counts from before the request: a slow reply must not extend the leases.
        let requestedAt = clock.uptime
        do {
            let reply = try await store.claim(request)
            let slots = reply.deliveries.map(\.size)
            for (claimed, slot) in zip(reply.deliveries, slots) {
                group.addTask { await attempt(claimed, slot, claimedAt: requestedAt) }
            }
            for id in reply.rejected { observation.report(.rejected(id)) }
            for id in reply.quotaExhausted { observation.report(.quotaExhausted(id)) }
            state.claimed(slots, of: request.count, nextDueIn: reply.nextDueIn)
        } catch {
            storeFailed(error, &state)
        }
    }

    /// Waits until the inbox is not empty or the time has passed.
    private func wait(_ limit: Duration?, _ run: inout Run, in alarms: inout DiscardingTaskGroup) async {
        guard let limit else {
            if await inbox.wait(requestsInFlight: run.state.requestsWaitedFor) { run.alarm = nil }
            return
        }
        let end = clock.uptime + limit
        while !Task.isCancelled {
            let now = clock.uptime
            guard now < end else { return run.state.timePassed() }
            if run.alarm.map({ $0 <= now || $0 > end }) ?? true {
                run.alarm = end
                inbox.alarmBegins()
                alarms.addTask {
                    try? await clock.sleep(for: end - now)
                    inbox.ring()
                }
            }
            // The clock decides whether the time has passed: after a suspended machine, clock and alarm may disagree.
            if await inbox.wait(requestsInFlight: run.state.requestsWaitedFor) { run.alarm = nil }
            guard inbox.isEmpty else { return }
        }
    }
}
