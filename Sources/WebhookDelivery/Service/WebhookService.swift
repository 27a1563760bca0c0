public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// The sender's side in one value: register webhooks, publish events, deliver them.
///
/// Everything with a side effect is handed in. The service itself can be copied freely; all copies share one dispatcher.
public struct WebhookService: Sendable {
    let store: any WebhookStore
    package let clock: any WebhookClock
    let random: any RandomSource
    package let limits: WebhookLimits
    package let policy: EndpointPolicy
    let dispatcher: Dispatcher
    /// The reads of whole histories: an account that asks for many of them at once must not keep the store from others.
    let scans = AccountSlots(capacity: AccountSlots.scans)

    /// Creates a service; nothing is delivered before ``run()``.
    ///
    /// - Parameters:
    ///   - store: Where webhooks, events and deliveries are kept.
    ///   - transport: What sends requests; its policy judges URLs at registration, too.
    ///   - clock: The time.
    ///   - random: Where identifiers, secrets and jitter come from; must be secure outside tests.
    ///   - limits: The limits of the product page, unless said otherwise.
    ///   - signingKeys: The sender's own `whsk_` keys; every request then carries a `v1a` signature of each as well, which
    ///     consumers verify with the public half.
    ///   - configuration: How much the dispatcher does at once; its daily limit is that of `limits`.
    ///   - observer: Who is told of everything.
    public init(
        store: any WebhookStore, transport: any WebhookTransport, clock: any WebhookClock, random: any RandomSource,
        limits: WebhookLimits = .documented, signingKeys: [WebhookSecret] = [],
        configuration: DispatcherConfiguration = DispatcherConfiguration(), observer: (any DeliveryObserver)? = nil
    ) {
        self.store = store
        self.clock = clock
        self.random = random
        self.limits = limits
        self.policy = transport.policy
        var configuration = configuration
        configuration.rules.dailyLimit = limits.deliveriesPerDay
        self.dispatcher = Dispatcher(
            store: store, transport: transport, clock: clock, random: random, signingKeys: signingKeys,
            configuration: configuration, observer: observer)
    }

    /// Delivers until ``stop()``; run it in the host's task group.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, ``DeliveryError`` when it runs already.
    public func run() async throws { try await dispatcher.run() }

    /// Takes no more work; ``run()`` returns when what is in flight has ended and is reported.
    public func stop() { dispatcher.stop() }

    /// What happens from now on, as a sequence: for operators' mails, a dashboard's live view, tests.
    ///
    /// - Parameter count: How many occurrences wait for a slow reader; the oldest are dropped first.
    /// - Returns: The sequence; it ends when ``run()`` does, or when its reader stops reading.
    public func occurrences(buffering count: Int = 1000) -> AsyncStream<DeliveryOccurrence> {
        dispatcher.observation.subscribe(buffering: count)
    }

    /// Looks for work now: call it after committing a publication inside the host's own transaction.
    public func wake() { dispatcher.wake() }
}

extension WebhookService {
    func entropy() -> UInt128 { UInt128(random.next()) << 64 | UInt128(random.next()) }
}
