import TaskFlowWebhooks
import Testing
import WebhookTesting

@Suite("Virtual time", .timeLimit(.minutes(1)))
struct VirtualTimeTests {
    let clock = ManualClock()

    private func service(_ transport: ScriptedTransport) async throws -> WebhookService {
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: transport, clock: clock, random: SeededRandomSource(seed: 7))
        try await service.register(
            WebhookRegistration(url: "https://example.com/hook", events: [.all], secret: .generate()),
            account: "acc_123")
        return service
    }

    private func publish(_ count: Int, _ service: WebhookService) async throws {
        var story = SampleEvents()
        for _ in 0..<count { try await service.publish(try story.next()) }
    }

    @Test("A request that takes a minute of virtual time is not overtaken by the clock", arguments: [1, 20])
    func slowRequests(_ count: Int) async throws {
        let clock = clock
        let service = try await service(
            ScriptedTransport { _, _ in
                try await clock.sleep(for: .seconds(3))
                return WebhookResponse(status: 200)
            })
        try await publish(count, service)
        try await clock.run(service)
        let histories = try await service.deliveries(Delivery.Query(accountID: "acc_123", limit: 100))
        #expect(histories.count == count)
        #expect(histories.allSatisfy { $0.attempts.count == 1 && $0.attempts[0].duration == .seconds(3) })
    }

    @Test("Two equal runs have equal times")
    func deterministic() async throws {
        func times() async throws -> [[Timestamp]] {
            let clock = ManualClock()
            let service = WebhookService(
                store: InMemoryStore(clock: clock), transport: ScriptedTransport(statuses: [500]), clock: clock,
                random: SeededRandomSource(seed: 7))
            try await service.register(
                WebhookRegistration(url: "https://example.com/hook", events: [.all], secret: .generate()),
                account: "acc_123")
            try await service.publish(try #require(try SampleEvents.sample(of: .taskCreated)))
            try await clock.run(service)
            return try await service.deliveries(Delivery.Query(accountID: "acc_123")).map {
                $0.attempts.map(\.startedAt)
            }
        }
        let first = try await times()
        #expect(first.first?.count == 6)
        #expect(try await times() == first)
    }

    @Test("A run for a duration ends at that moment, with the retries that are due by then")
    func forDuration() async throws {
        let transport = ScriptedTransport(statuses: [500])
        let service = try await service(transport)
        try await publish(1, service)
        let start = clock.now
        try await clock.run(service, for: .seconds(60))
        #expect(clock.now - start == .seconds(60))
        #expect(transport.requests.count == 3)
        try await clock.run(service, for: .seconds(400))
        #expect(transport.requests.count == 4)
    }

    @Test("A condition that cannot be reached fails with the reason, and does not hang")
    func failures() async throws {
        let service = try await service(ScriptedTransport(statuses: [200]))
        let error = try await #require(throws: VirtualTimeError.self) {
            try await clock.run(service, until: { false }, within: .seconds(3600))
        }
        #expect(error.code == .limitReached)
    }

    @Test("A script that waits for something other than the clock is reported, and the clock does not move")
    func busy() async throws {
        let (stream, end) = AsyncStream<Void>.makeStream()
        let service = try await service(
            ScriptedTransport { _, _ in
                for await _ in stream {}
                return WebhookResponse(status: 200)
            })
        try await publish(1, service)
        let start = clock.now
        let error = try await #require(throws: VirtualTimeError.self) {
            // The default takes minutes beside other tests.
            try await ManualClock.$maximumYields.withValue(100_000) { try await clock.run(service) }
        }
        end.finish()
        #expect(error.code == .busy)
        #expect(clock.now == start)
    }

    @Test("The events of one change are published with one request and increasing sequences")
    func changes() async throws {
        let service = try await service(ScriptedTransport(statuses: []))
        let before = TaskObject(
            id: "task_1", title: "Deploy", createdAt: clock.now, updatedAt: clock.now, url: "https://example.com/1")
        var after = before
        (after.status, after.assigneeID) = (.completed, "user_1")
        let events = TaskFlowEvent.changes(before: before, after: after, at: clock.now)
        let receipts = try await service.publish(events, account: "acc_123", id: "evt_1")
        #expect(receipts.map(\.eventID) == ["evt_1", "evt_1_2", "evt_1_3"])
        try await clock.run(service)
        let transport = try #require(receipts.first)
        #expect(!transport.isDuplicate)
    }
}

extension VirtualTimeTests {
    @Test("The whole schedule is exact, however often it runs")
    func schedules() async throws {
        for _ in 0..<50 {
            let clock = ManualClock()
            let service = WebhookService(
                store: InMemoryStore(clock: clock), transport: ScriptedTransport(statuses: [500]), clock: clock,
                random: SeededRandomSource(seed: 1))
            let policy = try RetryPolicy(schedule: RetryPolicy.standard.schedule, jitter: 0)
            try await service.register(
                WebhookRegistration(
                    url: "https://example.com/hook", events: [.all], secret: .generate(), retryPolicy: policy),
                account: "acc_123")
            try await service.publish(try #require(try SampleEvents.sample(of: .taskCreated)))
            try await clock.run(service, for: .seconds(26_000))
            let attempts = try await service.deliveries(Delivery.Query(accountID: "acc_123"))[0].attempts
            let waits = zip(attempts, attempts.dropFirst()).map { $1.startedAt - $0.endedAt }
            try #require(waits == RetryPolicy.standard.schedule)
        }
    }
}
