import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookTesting

extension WebhookServiceTests {
    private static let hook = WebhookRegistration(
        url: "https://yourapp.com/", events: [.taskCreated], secret: .generate())

    @Test(
        "A test sends a sample of any documented type, marked as a test, and returns its outcome",
        arguments: [200, 500])
    func testing(status: Int) async throws {
        let transport = ScriptedTransport(statuses: [status])
        let service = service(transport)
        let registered = try await service.register(Self.hook, account: "acc_123")
        for type in [EventType.taskCreated, .commentCreated, .workflowTriggered] {
            let report = try #require(try await service.test(registered.id, account: "acc_123", with: type))
            #expect(report.isSuccess == (status == 200))
            #expect(report.attempt.statusCode == status)
            let request = try #require(transport.requests.last)
            #expect(request.headers["X-TaskFlow-Test"] == "true")
            #expect(request.headers["X-TaskFlow-Event"] == type.rawValue)
            #expect(request.headers["X-TaskFlow-Delivery-ID"] == report.deliveryID.rawValue)
            let envelope = try Envelope(parsing: request.body)
            #expect(envelope.id == report.eventID)
            #expect(envelope.metadata.accountID == "acc_123")
            #expect(try envelope.event().type == type)
            let verifier = try WebhookVerifier(secret: registered.secret, policy: .taskFlow)
            _ = try verifier.verify(request.body, headers: request.headers, now: clock.now)
        }
        #expect(transport.requests.count == 3)
        let deliveryCounts = try await service.deliveryCounts()
        #expect([deliveryCounts.succeeded, deliveryCounts.failed] == (status == 200 ? [3, 0] : [0, 3]))
        #expect(try await service.webhooks(of: "acc_123").first?.condition == .active)
    }

    @Test("A test fails for a type without a sample, another account's webhook, and an exhausted daily quota")
    func refusedTests() async throws {
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: ScriptedTransport(statuses: []), clock: clock,
            random: random, limits: ServiceLimits(deliveriesPerDay: 1))
        let id = try await service.register(Self.hook, account: "acc_123").id
        let unknown = try #require(EventType("never.heard"))
        await #expect(throws: DeliveryError.self) { try await service.test(id, account: "acc_123", with: unknown) }
        #expect(try await service.test(id, account: "acc_other", with: .taskCreated) == nil)
        _ = try await service.test(id, account: "acc_123", with: .taskCreated)
        let error = await #expect(throws: LimitError.self) {
            try await service.test(id, account: "acc_123", with: .taskCreated)
        }
        #expect(error?.code == .deliveriesPerDay)
    }

    @Test("A redelivery has the same event and bytes, but its own identifier")
    func redelivering() async throws {
        let transport = ScriptedTransport(statuses: [])
        let (store, random) = (InMemoryStore(clock: clock), SeededRandomSource(seed: 9))
        func service() -> WebhookService {
            WebhookService(store: store, transport: transport, clock: clock, random: random)
        }
        try await service().register(Self.hook, account: "acc_123")
        let receipt = try await service().publish(TaskCreated(Self.task), account: "acc_123")
        let first = try #require(receipt.deliveryIDs.first)
        guard case .open = try await service().redeliver(first, account: "acc_123") else {
            Issue.record("a waiting delivery was duplicated")
            return
        }
        try await deliverAll(service())
        let again = service()
        guard case .made(let made) = try await again.redeliver(first, account: "acc_123") else {
            Issue.record("no delivery was created")
            return
        }
        #expect(made.redeliveryOf == first)
        try await deliverAll(again)
        #expect(transport.requests.count == 2)
        #expect(Set(transport.requests.map(\.body)).count == 1)
        #expect(transport.requests.last?.headers["X-TaskFlow-Delivery-ID"] == made.id.rawValue)
        #expect(try await service().deliveryCounts().isBalanced)
    }

    @Test("Every reason for a missing event is explained, with the remaining attempts")
    func explanations() async throws {
        let store = InMemoryStore(clock: clock)
        func service(_ statuses: [Int]) -> WebhookService {
            WebhookService(
                store: store, transport: ScriptedTransport(statuses: statuses), clock: clock, random: random)
        }
        let id = try await service([]).register(Self.hook, account: "acc_123").id
        func verdict(_ event: EventID) async throws -> Delivery.Explanation.Verdict? {
            try await service([]).explain(event, to: id, account: "acc_123")?.verdict
        }
        #expect(try await service([]).explain("evt_1", to: id, account: "acc_other") == nil)
        #expect(try await verdict("evt_1") == .unknownEvent)

        try await service([]).publish(TaskCreated(Self.task), account: "acc_123", id: "evt_1")
        let waiting = try #require(try await service([]).explain("evt_1", to: id, account: "acc_123"))
        #expect(waiting.verdict == .waiting(.turn))
        #expect(waiting.planned.count == 6)
        try await service([]).disable(id, account: "acc_123")
        #expect(try await verdict("evt_1") == .waiting(.webhook(.disabled)))
        try await service([]).publish(TaskCreated(Self.task), account: "acc_123", id: "evt_2")
        #expect(try await verdict("evt_2") == .skipped(.disabled))
        try await service([]).enable(id, account: "acc_123")
        try await deliverAll(service([]))
        guard case .delivered(let at)? = try await verdict("evt_1") else {
            Issue.record("the event was not delivered")
            return
        }
        #expect(at <= clock.now)

        try await service([]).publish(TaskCreated(Self.task), account: "acc_123", id: "evt_3")
        let claimed = try #require(try await store.claim(ClaimRequest(count: 1)).deliveries.first)
        #expect(try await verdict("evt_3") == .inFlight)
        let attempt = Attempt(number: 1, startedAt: clock.now, duration: .zero, statusCode: 500, errorType: "500")
        let report = Settlement(
            lease: claimed.lease, attempt: attempt, outcome: .serverError, decision: .retry(after: .seconds(5)))
        _ = try await store.settle([report], rules: DeliveryRules())
        let retried = try #require(try await service([]).explain("evt_3", to: id, account: "acc_123"))
        #expect(retried.verdict == .waiting(.retry(at: clock.now + .seconds(5))))
        #expect(retried.planned.map(\.number) == [2, 3, 4, 5, 6])
        #expect(retried.planned.first?.earliest == clock.now + .seconds(5))
        #expect(retried.deliveries.first?.attempts == [attempt])
        let late = try await service([]).register(Self.hook, account: "acc_123").id
        #expect(try await service([]).explain("evt_3", to: late, account: "acc_123")?.verdict == .registeredLater)
    }

    @Test("A delivery that waits for an earlier event of its resource is explained, regardless of how many wait")
    func earlierEvents() async throws {
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: ScriptedTransport(statuses: []), clock: clock, random: random
        )
        var hook = Self.hook
        hook.ordering = .resource
        let id = try await service.register(hook, account: "acc_123").id
        for number in 0..<250 {
            try await service.publish(
                TaskCreated(Self.task), account: "acc_123", id: EventID(unchecked: "evt_\(number)"))
            // The last ones are published in the same millisecond, so their identifiers do not give the order.
            if number < 240 { clock.advance(by: .milliseconds(1)) }
        }
        for number in 0..<250 {
            let event = EventID(unchecked: "evt_\(number)")
            let verdict = try await service.explain(event, to: id, account: "acc_123")?.verdict
            #expect(verdict == .waiting(number == 0 ? .turn : .earlierEvent), "\(event)")
        }
    }
}

/// A transport whose requests all hang until they are released.
private final class HangingTransport: WebhookTransport {
    let policy = EndpointPolicy.production
    private let state = Mutex<(waiting: [CheckedContinuation<Void, Never>], isOpen: Bool)>(([], false))

    private let log = Mutex<[LimitError]>([])

    var inFlight: Int { state.withLock { $0.waiting.count } }
    /// The errors of requests that were refused before they began.
    var refusals: [LimitError] { log.withLock { $0 } }

    func refused(_ error: LimitError) { log.withLock { $0.append(error) } }

    func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
        return WebhookResponse(status: 200)
    }

    func letGo() {
        let waiting = state.withLock { state in
            defer { state = ([], true) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension WebhookServiceTests {
    @Test(
        "Tests in a loop stay within the caps of webhook, account and worker, and the errors have a time to retry"
    )
    func testsInALoop() async throws {
        let transport = HangingTransport()
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: transport, clock: clock, random: random)
        let hook = WebhookRegistration(url: "https://yourapp.com/", events: [.taskCreated], secret: .generate())
        var webhooks: [(AccountID, WebhookID)] = []
        for account in 0..<8 {
            let account = AccountID(unchecked: "acc_\(account)")
            for _ in 0..<3 { webhooks.append((account, try await service.register(hook, account: account).id)) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (account, webhook) in webhooks {
                for _ in 0..<40 {
                    group.addTask {
                        do {
                            _ = try await service.test(webhook, account: account, with: .taskCreated)
                        } catch let error as LimitError {
                            transport.refused(error)
                        }
                    }
                }
            }
            // All tests return immediately, except those that hang.
            while transport.refusals.count + transport.inFlight < 40 * webhooks.count { await Task.yield() }
            // The process has 64 slots, of which the first account uses at most 32; the last slots may stay free.
            #expect((32...64).contains(transport.inFlight), "\(transport.inFlight)")
            for (account, webhook) in webhooks {
                let query = Delivery.Query(accountID: account, phases: [.delivering], limit: 1000)
                let own = try await service.deliveries(query)
                #expect(own.count <= 32)
                #expect(own.count { $0.delivery.webhookID == webhook } <= 16)
            }
            transport.letGo()
            try await group.waitForAll()
        }
        let refusals = transport.refusals
        #expect(refusals.count >= 40 * webhooks.count - 64)
        for refusal in refusals {
            #expect(refusal.code == .requestsInFlight)
            #expect(refusal.retryAt == clock.now + .seconds(1))
        }
    }
}
