public import WebhookEvents
internal import WebhookPayload
internal import WebhookRetries
public import WebhookSigning

/// Takes due deliveries from a store, sends them, and reports what came of them.
///
/// Any number of dispatchers, in any number of processes, may work on one store. A dispatcher holds nothing that a crash
/// could lose: what it had is free again when the lease ends.
public struct Dispatcher: Sendable {
    let store: any WebhookStore
    let clock: any WebhookClock
    let configuration: DispatcherConfiguration
    let sender: AttemptSender
    let inbox = DispatcherInbox()
    let observation: Observation
    let faults = SenderFaults()
    let tests: AccountSlots

    /// Creates a dispatcher; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - store: Where deliveries are kept.
    ///   - transport: What sends requests.
    ///   - clock: The time for signatures and measurements.
    ///   - random: Where jitter comes from.
    ///   - signingKeys: The sender's own `whsk_` keys; every request then carries a `v1a` signature of each as well.
    ///   - configuration: How much to do at once.
    ///   - observer: Who is told of everything.
    public init(
        store: any WebhookStore, transport: any WebhookTransport, clock: any WebhookClock, random: any RandomSource,
        signingKeys: [WebhookSecret] = [], configuration: DispatcherConfiguration = DispatcherConfiguration(),
        observer: (any DeliveryObserver)? = nil
    ) {
        precondition(signingKeys.allSatisfy { $0.kind == .signingKey }, "signing keys are `whsk_` keys")
        self.store = store
        self.clock = clock
        self.configuration = configuration
        self.observation = Observation(observer)
        self.tests = AccountSlots(capacity: configuration.maximumInFlight / AccountSlots.testDivisor)
        self.sender = AttemptSender(transport: transport, clock: clock, random: random, signingKeys: signingKeys)
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
    /// - Throws: `CancellationError` when the task is cancelled; ``DeliveryError`` when it runs already, or when the
    ///   configuration's leases could end before their attempts.
    public func run() async throws {
        try configuration.check()
        guard inbox.begin() else {
            throw DeliveryError(.alreadyRunning, "The dispatcher is running already", hint: "Run it in one task only.")
        }
        defer { inbox.end() }
        await withDiscardingTaskGroup { group in
            if let store = store as? any SignallingStore { group.addTask { await store.listen { inbox.wake() } } }
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

    /// What a dispatcher that runs remembers.
    private struct Run {
        var state: DispatcherState
        /// When the alarm rings that a wait has set.
        var alarm: Duration?
        var backOffUntil: Duration?
        /// When reports that wait beside the others are tried again.
        var retryAt: Duration?
        var isFinished = false
    }

    /// Does what the state says, as long as requests are in flight.
    ///
    /// A busy dispatcher waits thousands of times a second, so an alarm that is set stays set meanwhile. A dispatcher with nothing
    /// in flight leaves none behind: tests with a manual clock take a sleeper for an idle dispatcher.
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
            case .reportBeside(let report):
                run.state.reportsBeside(report.account)
                group.addTask { await reportBeside(report) }
            case .wait(let limit): await wait(limit, &run, in: &alarms)
            case .backOff(let duration):
                // Whatever comes in meanwhile must not make it begin again.
                let until = run.backOffUntil ?? clock.uptime + duration
                run.backOffUntil = until
                await wait(until - clock.uptime, &run, in: &alarms)
                if clock.uptime >= until {
                    run.backOffUntil = nil
                    run.state.timePassed()
                }
            case .finish: return run.isFinished = true
            }
        }
    }

    /// A busy dispatcher never waits for long, so it looks at the clock.
    private func retryReports(_ run: inout Run) {
        guard run.state.hasReportsToRetry else { return run.retryAt = nil }
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
        for outcome in contents.reportedBeside {
            for lease in state.reportedBeside(outcome) {
                observation.report(.reportSetAside(lease, outcome.error ?? ""))
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
        // Leases are trusted from before the request: a slow reply must not stretch them.
        let requestedAt = clock.uptime
        do {
            let reply = try await store.claim(request)
            let slots = reply.deliveries.map(\.size)
            for (claimed, slot) in zip(reply.deliveries, slots) {
                group.addTask { await attempt(claimed, slot, claimedAt: requestedAt) }
            }
            for id in reply.rejected { observation.report(.rejected(id)) }
            for id in reply.usedUp { observation.report(.quotaReached(id)) }
            state.claimed(slots, of: request.count, nextDueIn: reply.nextDueIn)
        } catch {
            storeFailed(error, &state)
        }
    }

    /// Sleeps until the inbox has something or the time is over, whichever comes first.
    private func wait(_ limit: Duration?, _ run: inout Run, in alarms: inout DiscardingTaskGroup) async {
        guard let limit else {
            if await inbox.wait() { run.alarm = nil }
            return
        }
        let end = clock.uptime + limit
        while !Task.isCancelled {
            let now = clock.uptime
            guard now < end else { return run.state.timePassed() }
            if run.alarm.map({ $0 <= now || $0 > end }) ?? true {
                run.alarm = end
                alarms.addTask {
                    try? await clock.sleep(for: end - now)
                    inbox.ring()
                }
            }
            // What a ring means is decided by the clock: the two may disagree, as after a machine was suspended.
            if await inbox.wait() { run.alarm = nil }
            guard inbox.isEmpty else { return }
        }
    }
}
