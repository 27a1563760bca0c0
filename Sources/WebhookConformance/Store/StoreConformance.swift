public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning
public import WebhookTesting

/// Conformance tests for webhook stores: named cases that a host runs against its own implementation.
///
/// ```swift
/// @Test(arguments: StoreConformance.cases)
/// func conformance(_ example: StoreConformance.Case) async throws {
///     try await example.run { clock in MyStore(clock: clock) }
/// }
/// ```
public enum StoreConformance {
    /// A test of one required behaviour.
    public struct Case: Sendable, CustomStringConvertible {
        /// The required behaviour, as a sentence.
        public let name: String
        private let body: @Sendable (StoreHarness) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (StoreHarness) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The required behaviour, as a sentence.
        public var description: String { name }

        /// Runs the case against a new, empty store.
        ///
        /// - Parameter makeStore: Creates the store, which must read the time from the clock.
        /// - Throws: ``ConformanceFailure`` when the store behaves differently, and any error of the store.
        public func run(_ makeStore: (ManualClock) throws -> any WebhookStore) async throws {
            let clock = ManualClock()
            do {
                try await body(StoreHarness(store: makeStore(clock), clock: clock))
            } catch let failure as ConformanceFailure {
                // A wrong clock makes many cases fail, each with a message about something else.
                let other = ManualClock(now: Timestamp(unixSeconds: 1_000_000_000))
                let probe = StoreHarness(store: try makeStore(other), clock: other)
                guard let storeTime = try? await probe.timeOfStore(), storeTime != other.now else { throw failure }
                throw ConformanceFailure(
                    description: "\(failure). The store does not use the clock that it was given: it took \(other.now) "
                        + "for \(storeTime)")
            }
        }
    }

    /// All cases.
    public static let cases: [Case] =
        webhookCases + changingCases + retirementCases + publishingCases + claimingCases + limitCases + sharingCases
        + turnCases
        + orderingCases + operatingCases + replayCases + removingCases + settlingCases + healthCases + backingOffCases
        + backlogCases + queryCases + searchCases + exchangeCases + statisticsCases + concurrencyCases
}

/// An implementation behaved differently than a conformance case requires.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// The expected and the actual behaviour.
    public let description: String
}

extension Array {
    /// Returns the element at an index that a case relies on, or fails the case if the store returned fewer elements.
    func at(_ index: Int) throws -> Element {
        guard indices.contains(index) else {
            throw ConformanceFailure(description: "expected more than \(index) results, got \(count)")
        }
        return self[index]
    }
}

extension StoreHarness {
    /// Returns the time that the store gives a new delivery.
    fileprivate func timeOfStore() async throws -> Timestamp? {
        try await register()
        try await publish()
        return try await store.deliveries(Delivery.Query(accountID: "acc_1")).first?.delivery.createdAt
    }
}

/// A store, its clock, and helpers that keep the cases short.
struct StoreHarness: Sendable {
    let store: any WebhookStore
    let clock: ManualClock

    static let body = Array(#"{"id":"x"}"#.utf8)

    func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw ConformanceFailure(description: what()) }
    }

    func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String) throws {
        try expect(value == expected, "\(what): expected \(expected), got \(value)")
    }

    @discardableResult
    func register(
        _ id: WebhookID = "wh_1", account: AccountID = "acc_1", events: [EventPattern] = [.all],
        retries: RetryPolicy = RetryPolicy(clamping: [.seconds(5), .seconds(30)], jitter: 0),
        ordering: Webhook.Ordering = .none, rate: Int? = nil, annotations: Webhook.Annotations = .none,
        expiresAt: Timestamp? = nil, limit: Int = 10, limits: ServiceLimits? = nil
    ) async throws -> Webhook {
        let webhook = Webhook(
            id: id, accountID: account, url: "https://example.com/\(id)", events: events, format: .cloudEvents,
            headers: try CustomHeaders(["Authorization": "Bearer a: b", "X-Empty": ""]), retryPolicy: retries,
            ordering: ordering, requestsPerSecond: rate, annotations: annotations, expiresAt: expiresAt,
            createdAt: clock.now)
        let secret = try WebhookSecret("a secret for conformance")
        try await store.create(
            RegisteredWebhook(webhook: webhook, secrets: SecretRotation(secret)),
            limits: limits ?? ServiceLimits(webhooksPerAccount: limit, registrationsPerDay: 1000))
        return webhook
    }

    func publication(
        _ id: EventID = "evt_1", account: AccountID = "acc_1", type: EventType = .taskCreated, text: String = "{}",
        key: String? = nil, limits: ServiceLimits = .standard, trace: EventPublication.TraceContext? = nil
    ) throws -> EventPublication {
        // The minimum that either type needs, and the unchanged text: stores must not interpret bodies.
        let task = #""id":"task_1","title":"T","status":"open","priority":"low""#
        let comment = #""id":"c","body":"B","author":{"id":"u","type":"user","name":"N"},"task":{\#(task)}"#
        let time = #""created_at":"2024-02-10T16:45:22Z""#
        let data = "{\(type == .commentCreated ? comment : task),\(time),\"text\":\(text)}"
        let event = TaskFlowEvent.unknown(UnknownEvent(type: type, data: Array(data.utf8)))
        let metadata = EventMetadata(accountID: account, orderingKey: key)
        let envelope = try Envelope(event, id: id, timestamp: Timestamp(unixSeconds: 1_707_583_522), metadata: metadata)
        let seed = id.rawValue.utf8.reduce(UInt64(17)) { $0 &* 31 &+ UInt64($1) }
        return EventPublication(envelope, publishedAt: clock.now, seed: seed, limits: limits, trace: trace)
    }

    @discardableResult
    func publish(
        _ id: EventID = "evt_1", account: AccountID = "acc_1", type: EventType = .taskCreated, text: String = "{}",
        key: String? = nil, limits: ServiceLimits = .standard
    ) async throws -> PublishReceipt {
        try await store.publish(publication(id, account: account, type: type, text: text, key: key, limits: limits))
    }

    func publish(count: Int, account: AccountID = "acc_1", prefix: String = "evt") async throws {
        for number in 0..<count { try await publish(EventID(unchecked: "\(prefix)_\(number)"), account: account) }
    }

    func redeliver(
        _ id: DeliveryID, account: AccountID = "acc_1", as new: DeliveryID, limits: ServiceLimits = .standard
    ) async throws -> Delivery.RedeliveryResult {
        try await store.redeliver(id, account: account, as: new, limits: limits)
    }

    func claim(
        _ count: Int = 100, retries: Int? = nil, bytes: Int = .max,
        rules change: (inout DeliveryRules) -> Void = { _ in }
    ) async throws -> [ClaimedDelivery] {
        try await store.claim(request(count, retries: retries, bytes: bytes, rules: change)).deliveries
    }

    /// Returns a request with limits too high to matter, unless a case lowers them.
    func request(
        _ count: Int = 100, retries: Int? = nil, bytes: Int = .max,
        rules change: (inout DeliveryRules) -> Void = { _ in }
    ) -> ClaimRequest {
        var rules = Self.rules
        change(&rules)
        return ClaimRequest(count: count, retries: retries, bytes: bytes, rules: rules)
    }

    static let rules: DeliveryRules = {
        var rules = DeliveryRules()
        (rules.maximumInFlightPerWebhook, rules.maximumInFlightPerAccount) = (100, 1000)
        rules.health.breaker.failures = 1000
        return rules
    }()

    /// Claims deliveries, and returns their events.
    func claimEvents(
        _ count: Int = 100, retries: Int? = nil, rules change: (inout DeliveryRules) -> Void = { _ in }
    ) async throws -> [EventID] {
        try await claim(count, retries: retries, rules: change).map(\.delivery.eventID)
    }

    func claimOne() async throws -> ClaimedDelivery {
        let claimed = try await claim(1)
        guard let first = claimed.first else {
            throw ConformanceFailure(description: "expected a claimed delivery, got none")
        }
        return first
    }

    /// Claims a delivery after expired leases, as soon as the store returns it.
    func claimAfterExpiredLeases() async throws -> ClaimedDelivery {
        for _ in 0..<5 {
            let reply = try await store.claim(request(1))
            if let claimed = reply.deliveries.first { return claimed }
            guard let wait = reply.nextDueIn else { break }
            clock.advance(by: wait)
        }
        throw ConformanceFailure(description: "expected a claimed delivery, got none")
    }

    func settlement(
        _ claimed: ClaimedDelivery, _ decision: RetryDecision, status: Int = 500, retryAfter: Duration? = nil
    ) -> Settlement {
        let attempt = Attempt(
            number: claimed.delivery.state.attempts + 1, startedAt: clock.now, duration: .milliseconds(12),
            statusCode: status, errorType: decision == .succeed ? nil : String(status))
        return Settlement(
            lease: claimed.lease, attempt: attempt,
            outcome: AttemptOutcome.response(status: status, retryAfter: retryAfter).kind,
            decision: decision, retryAfter: retryAfter)
    }

    @discardableResult
    func settle(
        _ claimed: ClaimedDelivery, _ decision: RetryDecision, rules change: (inout DeliveryRules) -> Void = { _ in }
    ) async throws -> Delivery.SettleResult {
        let report = settlement(claimed, decision, status: decision == .succeed ? 200 : 500)
        var rules = Self.rules
        change(&rules)
        let results = try await store.settle([report], rules: rules)
        try expectEqual(results.count, 1, "results of one settlement")
        return try results.at(0)
    }

    func history(_ delivery: DeliveryID, account: AccountID = "acc_1") async throws -> Delivery.History {
        let all = try await store.deliveries(Delivery.Query(accountID: account, limit: 10_000))
        guard let history = all.first(where: { $0.delivery.id == delivery }) else {
            throw ConformanceFailure(description: "the delivery \(delivery) was not found")
        }
        return history
    }

    func webhook(_ id: WebhookID = "wh_1", account: AccountID = "acc_1") async throws -> Webhook {
        guard let webhook = try await store.webhooks(of: account).first(where: { $0.id == id }) else {
            throw ConformanceFailure(description: "the webhook \(id) was not found")
        }
        return webhook
    }
}
