public import WebhookEvents
public import WebhookLimits
public import WebhookSigning

/// The sender's API: registers webhooks, publishes events and delivers them.
///
/// All side effects go through the dependencies of the initializer. Copies of a service share one dispatcher.
public struct WebhookService: Sendable {
    let store: any WebhookStore
    package let clock: any WebhookClock
    let random: any RandomSource
    package let limits: ServiceLimits
    package let policy: EndpointPolicy
    let dispatcher: Dispatcher
    /// The slots for scans of whole histories, so that no account can keep the store busy with many of them.
    let scans = AccountSlots(capacity: AccountSlots.scans)

    /// Creates a service, which delivers nothing until ``run()``.
    ///
    /// - Parameters:
    ///   - store: The store of webhooks, events and deliveries.
    ///   - transport: The transport for requests; its policy also validates URLs at registration.
    ///   - clock: The clock.
    ///   - random: The source of randomness for identifiers, secrets and jitter; outside tests, it must be secure.
    ///   - limits: The limits; by default those of the product page.
    ///   - signingKeys: The sender's `whsk_` keys; every request also carries a `v1a` signature of each of them, which
    ///     consumers verify with the public key.
    ///   - configuration: The limits and timing of the dispatcher.
    ///   - observer: The observer of all notifications.
    public init(
        store: any WebhookStore, transport: any WebhookTransport, clock: any WebhookClock, random: any RandomSource,
        limits: ServiceLimits = .standard, signingKeys: [WebhookSecret] = [],
        configuration: Dispatcher.Configuration = Dispatcher.Configuration(), observer: (any DeliveryObserver)? = nil
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

    /// Delivers until ``stop()``; run this in the host's task group.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; ``DeliveryError`` if the service is already running.
    public func run() async throws { try await dispatcher.run() }

    /// Stops claiming; ``run()`` returns once everything in flight has ended and is reported.
    public func stop() { dispatcher.stop() }

    /// Returns all notifications from now on, for example for alerts, a live dashboard or tests.
    ///
    /// - Parameter count: How many notifications may wait for a slow reader; the oldest are dropped first.
    /// - Returns: The notifications; the sequence ends when ``run()`` returns or its reader stops reading.
    public func notifications(buffering count: Int = 1000) -> AsyncStream<DeliveryNotification> {
        dispatcher.observation.subscribe(buffering: count)
    }

    /// Claims immediately; call this after committing a publication in the host's transaction.
    public func wake() { dispatcher.wake() }
}

extension WebhookService {
    /// The number of tasks that sleep on the clock if nothing else happens, and the number of the dispatcher's wait.
    package var expectedSleepers: (count: Int, wait: Int)? { dispatcher.inbox.expectedSleepers }
    /// Stops the current run, after which another one may begin.
    package func stopOnce() { dispatcher.inbox.stopOnce() }

    func entropy() -> UInt128 { UInt128(random.next()) << 64 | UInt128(random.next()) }
}
