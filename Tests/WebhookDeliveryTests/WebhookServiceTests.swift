import Synchronization
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookStoreKit
import WebhookTesting

@Suite("WebhookService", .timeLimit(.minutes(1)))
struct WebhookServiceTests {
    let clock = ManualClock()
    let random = SeededRandomSource(seed: 42)

    func service(_ transport: ScriptedTransport, observer: (any DeliveryObserver)? = nil) -> WebhookService {
        WebhookService(
            store: InMemoryStore(clock: clock), transport: transport, clock: clock, random: random, observer: observer)
    }

    static let task = TaskObject(
        id: "task_1", title: "Deploy", createdAt: Timestamp(unixSeconds: 1_707_583_522),
        updatedAt: Timestamp(unixSeconds: 1_707_583_522), url: "https://app.taskflow.example/tasks/task_1")

    private final class Run: Sendable {
        let hasEnded = Mutex(false)
    }

    /// Runs the service until no delivery is open, advancing the clock to the next wake-up whenever nothing is leased.
    ///
    /// The clock does not move while a request is in flight, even on a slow machine. If leases are abandoned, it must
    /// move for them to expire, in steps that leave requests time to start.
    func deliverAll(_ service: WebhookService, abandonsLeases: Bool = false) async throws {
        let leased = Delivery.Query(accountID: "acc_123", phases: [.delivering], limit: 1)
        let run = Run()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { run.hasEnded.withLock { $0 = true } }
                try await service.run()
            }
            while try await service.deliveryCounts().open > 0 {
                let sleep = await clock.waitForSleeper()
                if try await service.deliveries(leased).isEmpty {
                    clock.advance(by: sleep)
                } else if abandonsLeases {
                    clock.advance(by: min(sleep, .milliseconds(100)))
                }
                await Task.yield()
            }
            service.stop()
            // A report that the store refuses is retried before the service ends.
            while !run.hasEnded.withLock({ $0 }) {
                clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
            try await group.waitForAll()
        }
    }

    @Test("An event is delivered signed, with the documented headers and exact bytes")
    func delivers() async throws {
        let transport = ScriptedTransport(statuses: [])
        let service = service(transport)
        let registered = try await service.register(
            WebhookRegistration(
                url: "https://yourapp.com/webhooks/taskflow", events: [.taskCreated, .taskUpdated], secret: .generate()),
            account: "acc_123")
        try await service.publish(TaskCreated(Self.task), account: "acc_123", triggeredBy: "user_456", id: "evt_xyz789")
        try await deliverAll(service)

        let request = try #require(transport.requests.first)
        #expect(transport.requests.count == 1)
        let envelope = try Envelope(parsing: request.body)
        #expect(envelope.id == "evt_xyz789")
        #expect(envelope.metadata.triggeredBy == "user_456")
        #expect(try envelope.event() == .taskCreated(TaskCreated(Self.task)))
        #expect(request.url.description == "https://yourapp.com/webhooks/taskflow")
        #expect(request.timeout == .seconds(5))
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(request.headers["X-TaskFlow-Event"] == "task.created")
        #expect(request.headers["X-TaskFlow-Delivery-Attempt"] == "1")
        let histories = try await service.deliveries(Delivery.Query(accountID: "acc_123"))
        #expect(request.headers["X-TaskFlow-Delivery-ID"] == histories.first?.delivery.id.rawValue)
        for policy in [VerificationPolicy.taskFlow, .timestamped()] {
            let verifier = try WebhookVerifier(secret: registered.secret, policy: policy)
            let proof = try verifier.verify(request.body, headers: request.headers, now: clock.now)
            #expect(proof.body == request.body)
        }
    }

    @Test("Every request carries custom header fields in addition to TaskFlow's; limits show their use")
    func customHeaders() async throws {
        let transport = ScriptedTransport(statuses: [])
        let service = service(transport)
        try await service.register(
            WebhookRegistration(
                url: "https://yourapp.com/", events: [.all], secret: .generate(),
                headers: CustomHeaders(["Authorization": "Bearer key"])), account: "acc_123")
        try await service.publish(TaskCreated(Self.task), account: "acc_123")
        try await deliverAll(service)
        let request = try #require(transport.requests.first)
        #expect(request.headers["authorization"] == "Bearer key")
        #expect(request.headers["X-TaskFlow-Event"] == "task.created")
        let limits = try await service.limits(of: "acc_123")
        #expect(limits.webhooks == ServiceLimits.Snapshot.Usage(limit: 10, used: 1))
        #expect(limits.days.map(\.deliveries.left) == [999])
    }

    @Test("A failing endpoint gets the documented attempts, with the same bytes and delivery id, and then no more")
    func retries() async throws {
        let log = Mutex<[Timestamp]>([])
        let clock = clock
        let transport = ScriptedTransport { _, _ in
            log.withLock { $0.append(clock.now) }
            return WebhookResponse(status: 500)
        }
        let service = service(transport)
        try await service.register(
            WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate()), account: "acc_123")
        try await service.publish(TaskCreated(Self.task), account: "acc_123")
        try await deliverAll(service)

        let times = log.withLock { $0 }
        #expect(times.count == 6)
        for (index, wait) in RetryPolicy.standard.schedule.enumerated() where index + 1 < times.count {
            #expect(times[index + 1] - times[index] >= wait, "retry \(index + 1) came early")
        }
        #expect(Set(transport.requests.map(\.body)).count == 1)
        #expect(Set(transport.requests.map { $0.headers["X-TaskFlow-Delivery-ID"] }).count == 1)
        #expect(transport.requests.map { $0.headers["X-TaskFlow-Delivery-Attempt"] } == ["1", "2", "3", "4", "5", "6"])
        #expect(try await service.deliveryCounts().failed == 1)
        #expect(try await service.webhooks(of: "acc_123").first?.status == .failed)
    }

    @Test("Any error of a transport is a failure that is retried")
    func transportErrors() async throws {
        struct Odd: Error {}
        let transport = ScriptedTransport { _, number in
            switch number {
            case 1: throw TransportError(.connectTimeout, "late")
            case 2: throw Odd()
            case 3: throw CancellationError()
            default: return WebhookResponse(status: 204)
            }
        }
        let service = service(transport)
        try await service.register(
            WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate()), account: "acc_123")
        try await service.publish(TaskCreated(Self.task), account: "acc_123")
        try await deliverAll(service)
        let attempts = try await service.deliveries(Delivery.Query(accountID: "acc_123")).first?.attempts ?? []
        #expect(
            attempts.map(\.errorType) == ["timeout_connect", "transport_error", nil], "sender faults are no attempts")
    }

    @Test(
        "A fault of the sender uses up no attempt, does not affect health or breaker, and is reported once",
        arguments: TransportFailure.allCases.filter(\.isSenderFault))
    func senderFaults(failure: TransportFailure) async throws {
        let transport = ScriptedTransport { _, number in
            if number <= 30 { throw TransportError(failure, "this machine lacks a resource") }
            return WebhookResponse(status: 204)
        }
        let service = service(transport)
        let webhook = try await service.register(
            WebhookRegistration(
                url: "https://yourapp.com/", events: [.all], secret: .generate(), retryPolicy: .quick),
            account: "acc_123"
        ).webhook
        let notifications = service.notifications()
        let receipt = try await service.publish(TaskCreated(Self.task), account: "acc_123")
        try await deliverAll(service)
        let history = try #require(try await service.deliveries(Delivery.Query(accountID: "acc_123")).first)
        #expect(history.attempts.map(\.number) == [1])
        #expect(history.delivery.state.status == .succeeded)
        #expect(transport.requests.count == 31)
        let after = try #require(try await service.webhook(webhook.id, account: "acc_123"))
        #expect(after.health == Webhook.Health() && after.deliverySuccessRate == 1 && after.quota.used == 1)
        var told = 0
        for await case .senderFault(failure) in notifications { told += 1 }
        // 30 faults in 26 minutes, a minute apart at the end.
        #expect((1...27).contains(told), "\(told)")
        let explanation = try await service.explain(receipt.eventID, to: webhook.id, account: "acc_123")
        guard case .delivered? = explanation?.verdict else {
            Issue.record("\(String(describing: explanation))")
            return
        }
    }

    @Test(
        "An endpoint that asks for an hour gets no requests in it; the wait uses up no attempt and is explained"
    )
    func quiet() async throws {
        let times = Mutex<[Timestamp]>([])
        let transport = ScriptedTransport { [clock] _, number in
            times.withLock { $0.append(clock.now) }
            return number <= 18
                ? WebhookResponse(status: 429, headers: ["Retry-After": "3600"]) : WebhookResponse(status: 204)
        }
        let service = service(transport)
        let webhook = try await service.register(
            WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate(), retryPolicy: .quick),
            account: "acc_123"
        ).webhook
        for number in 1...100 {
            try await service.publish(
                TaskCreated(Self.task), account: "acc_123", id: EventID(unchecked: "evt_\(number)"))
        }
        let start = clock.now
        try await deliverAll(service)
        let hours = times.withLock { $0 }.map { ($0 - start) / .seconds(3600) }
        #expect(hours.count { $0 < 1 } == 16, "the cap of requests in flight")
        #expect(hours.count { (1..<2).contains($0) } == 1, "one request, with the same response")
        let histories = try await service.deliveries(Delivery.Query(accountID: "acc_123", limit: 1000))
        #expect(histories.count == 100 && histories.allSatisfy { $0.delivery.state.status == .succeeded })
        #expect(histories.count { $0.attempts.count == 1 } >= 82)
        #expect(try await service.webhook(webhook.id, account: "acc_123")?.health.backOffUntil == nil)
    }

    @Test("A successful test ends the wait of a `Retry-After`, which explains waiting deliveries until then")
    func quietEnds() async throws {
        let transport = ScriptedTransport { request, _ in
            request.headers["X-TaskFlow-Test"] == nil
                ? WebhookResponse(status: 503, headers: ["Retry-After": "600"]) : WebhookResponse(status: 200)
        }
        let service = service(transport)
        let id = try await service.register(
            WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate()), account: "acc_123"
        ).id
        try await service.publish(TaskCreated(Self.task), account: "acc_123", id: "evt_1")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            while try await service.webhook(id, account: "acc_123")?.health.backOffUntil == nil { await Task.yield() }
            service.stop()
            try await group.waitForAll()
        }
        try await service.publish(TaskCreated(Self.task), account: "acc_123", id: "evt_2")
        let end = try #require(try await service.webhook(id, account: "acc_123")?.health.backOffUntil)
        #expect(end == clock.now + .seconds(600))
        #expect(
            try await service.explain("evt_2", to: id, account: "acc_123")?.verdict == .waiting(.backingOff(until: end))
        )
        _ = try await service.test(id, account: "acc_123", with: .taskCreated)
        #expect(try await service.explain("evt_2", to: id, account: "acc_123")?.verdict == .waiting(.turn))
    }

    @Test("An invalid registration is rejected with a reason, before anything is stored")
    func refusals() async throws {
        let service = service(ScriptedTransport(statuses: []))
        func register(_ url: String, _ events: [EventPattern] = [.all], timeout: Duration? = nil) async throws {
            try await service.register(
                WebhookRegistration(url: url, events: events, secret: .generate(), timeout: timeout), account: "acc_123"
            )
        }
        await #expect(throws: EndpointError.self) { try await register("http://yourapp.com/") }
        await #expect(throws: EndpointError.self) { try await register("https://10.0.0.1/") }
        await #expect(throws: DeliveryError.self) { try await register("https://yourapp.com/", []) }
        await #expect(throws: LimitError.self) { try await register("https://yourapp.com/", timeout: .seconds(31)) }
        #expect(try await service.webhooks(of: "acc_123").isEmpty)
    }

    @Test("A body over the limit is rejected before anything is stored; a body at the limit is accepted")
    func bodyLimit() async throws {
        let service = service(ScriptedTransport(statuses: []))
        let type = try #require(EventType("big.one"))
        func envelope(_ padding: Int) throws -> Envelope {
            let data = Array(#"{"a":""#.utf8) + Array(repeating: UInt8(ascii: "x"), count: padding) + Array(#""}"#.utf8)
            return try Envelope(
                type: type, data: data, id: "evt_1", timestamp: clock.now, metadata: EventMetadata(accountID: "acc_123")
            )
        }
        let padding = 10_000_000 - (try envelope(0).bytes.count)
        await #expect(throws: LimitError.self) { try await service.publish(envelope(padding + 1)) }
        #expect(try await !service.publish(envelope(padding)).isDuplicate)
    }

    @Test("Nothing is lost while the store is down")
    func storeOutage() async throws {
        let store = FlakyStore(InMemoryStore(clock: clock))
        let transport = ScriptedTransport(statuses: [])
        let service = WebhookService(store: store, transport: transport, clock: clock, random: random)
        try await service.register(
            WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate()), account: "acc_123")
        for number in 0..<20 {
            try await service.publish(
                TaskCreated(Self.task), account: "acc_123", id: EventID(unchecked: "evt_\(number)"))
        }
        store.fail(next: 15)
        try await deliverAll(service, abandonsLeases: true)
        let deliveryCounts = try await service.deliveryCounts()
        #expect(deliveryCounts.succeeded == 20)
        #expect(deliveryCounts.isBalanced)
    }

    @Test("A report that the store always refuses is set aside with a notification; all others are stored")
    func refusedReport() async throws {
        final class Refusing: ForwardingStore {
            let base: any WebhookStore
            init(_ base: any WebhookStore) { self.base = base }

            struct Refusal: Error {}
            func settle(
                _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
            ) async throws -> [Delivery.SettleResult] {
                // The first attempt of one delivery contains a value that the store cannot store.
                guard !settlements.contains(where: { $0.attempt.statusCode == 299 }) else { throw Refusal() }
                return try await base.settle(settlements, rules: rules, mayWait: mayWait)
            }
        }
        let log = Log()
        let transport = ScriptedTransport { _, number in WebhookResponse(status: number == 3 ? 299 : 200) }
        let service = WebhookService(
            store: Refusing(InMemoryStore(clock: clock)), transport: transport, clock: clock, random: random,
            observer: log)
        for account in ["acc_123", "acc_2"] {
            try await service.register(
                WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate()),
                account: AccountID(unchecked: account))
            for number in 0..<10 {
                try await service.publish(
                    TaskCreated(Self.task), account: AccountID(unchecked: account),
                    id: EventID(unchecked: "evt_\(number)"))
            }
        }
        try await clock.run(service)
        #expect(try await service.deliveryCounts().succeeded == 20)
        // That delivery is sent again when its lease expires.
        #expect(transport.requests.count == 21)
        #expect(log.setAside.count == 1)
    }

    private final class Log: DeliveryObserver {
        private let leases = Mutex<[Lease]>([])
        var setAside: [Lease] { leases.withLock { $0 } }

        func observe(_ occurrence: DeliveryNotification) {
            if case .reportDiscarded(let lease, _) = occurrence { leases.withLock { $0.append(lease) } }
        }
    }

    /// Creates a service with one delivery, whose request waits at a gate.
    private func gatedService(_ gate: Gate) async throws -> WebhookService {
        let transport = ScriptedTransport { _, _ in
            await gate.pass()
            return WebhookResponse(status: 200)
        }
        let service = service(transport)
        try await service.register(
            WebhookRegistration(url: "https://yourapp.com/", events: [.all], secret: .generate()), account: "acc_123")
        try await service.publish(TaskCreated(Self.task), account: "acc_123")
        return service
    }

    @Test("Stopping waits for requests in flight and leaves the rest; running twice is an error")
    func stopping() async throws {
        let gate = Gate()
        let service = try await gatedService(gate)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            await gate.waitForWaiter()
            await #expect(throws: DeliveryError.self) { try await service.run() }
            service.stop()
            try await service.publish(TaskCreated(Self.task), account: "acc_123")
            gate.open()
            try await group.waitForAll()
        }
        let deliveryCounts = try await service.deliveryCounts()
        #expect([deliveryCounts.succeeded, deliveryCounts.open] == [1, 1])
    }

    @Test("After a cancelled run, deliveries wait for their leases to expire")
    func cancellation() async throws {
        let gate = Gate()
        let service = try await gatedService(gate)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            await gate.waitForWaiter()
            group.cancelAll()
            gate.open()
            await #expect(throws: CancellationError.self) { try await group.waitForAll() }
        }
        #expect(try await service.deliveryCounts().open == 1)
        clock.advance(by: .seconds(15))
        try await deliverAll(service)
        #expect(try await service.deliveryCounts().succeeded == 1)
    }
}

/// A store whose next calls fail, alternately before and after they take effect.
private final class FlakyStore: ForwardingStore {
    let base: any WebhookStore
    init(_ base: any WebhookStore) { self.base = base }

    struct Outage: Error {}

    private let failures = Mutex(0)

    func fail(next count: Int) { failures.withLock { $0 = count } }

    private func flaky<Value>(_ body: () async throws -> Value) async throws -> Value {
        let left = failures.withLock { left in
            defer { left = max(0, left - 1) }
            return left
        }
        if left % 2 == 1 { throw Outage() }
        let value = try await body()
        if left > 0 { throw Outage() }
        return value
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        try await flaky { try await base.claim(request) }
    }
    func settle(
        _ settlements: [Settlement], rules: DeliveryRules, mayWait: Bool
    ) async throws -> [Delivery.SettleResult] {
        try await flaky { try await base.settle(settlements, rules: rules, mayWait: mayWait) }
    }
    func release(_ releases: [Release], mayWait: Bool) async throws -> [Release] {
        try await flaky { try await base.release(releases, mayWait: mayWait) }
    }
}
