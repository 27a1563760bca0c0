import Testing
import WebhookReceiving
import WebhookTesting

@Suite("ResourceOrder", .timeLimit(.minutes(1)))
struct ResourceOrderTests {
    static let start = Timestamp(unixSeconds: 1_700_000_000)

    private func position(_ sequence: Int?, task: String = "task_1", second: Int64 = 0) -> ResourcePosition {
        ResourcePosition(
            resource: .init(accountID: "acc_1", key: task), sequence: sequence, timestamp: Self.start + .seconds(second)
        )
    }

    @Test("Sequence numbers decide if both have one, otherwise times; events in the same second are unordered")
    func positions() {
        #expect(position(1, second: 9).isBefore(position(2)))
        #expect(!position(2).isBefore(position(1)))
        #expect(position(nil).isBefore(position(5, second: 1)))
        #expect(!position(nil).isBefore(position(5)))
        #expect(!position(1).isBefore(position(1)))
    }

    /// Requests a turn of ten seconds, and returns the claim if the turn is granted.
    private func turn(
        _ order: InMemoryResourceOrder, _ position: ResourcePosition, after seconds: Int64 = 0
    ) async throws -> ResourceClaim? {
        let now = Self.start + .seconds(seconds)
        guard case .granted(let claim) = try await order.begin(position, now: now, until: now + .seconds(10)) else {
            return nil
        }
        return claim
    }

    private func answer(
        _ order: InMemoryResourceOrder, _ position: ResourcePosition, after seconds: Int64 = 0
    ) async throws -> ResourceTurn {
        let now = Self.start + .seconds(seconds)
        return try await order.begin(position, now: now, until: now + .seconds(10))
    }

    @Test("Once a later event is handled, earlier ones are outdated")
    func outdated() async throws {
        let order = InMemoryResourceOrder()
        let second = try #require(try await turn(order, position(2)))
        #expect(try await answer(order, position(3)) == .busy)
        #expect(try await turn(order, position(1, task: "task_2")) != nil)
        try await order.end(second, isHandled: false)
        let first = try #require(try await turn(order, position(1)), "the second was not handled")
        try await order.end(first, isHandled: true)
        let again = try #require(try await turn(order, position(2)))
        try await order.end(again, isHandled: true)
        #expect(try await answer(order, position(1)) == .outdated)
    }

    @Test("A crashed handler's resource is free when the lease ends, and its expired claim frees nothing")
    func deadHandler() async throws {
        let order = InMemoryResourceOrder()
        let dead = try #require(try await turn(order, position(1)))
        #expect(try await turn(order, position(2), after: 10) != nil)
        try await order.end(dead, isHandled: true)
        #expect(try await answer(order, position(3), after: 11) == .busy)
    }

    @Test("Memory is bounded")
    func capacity() async throws {
        let order = InMemoryResourceOrder(capacity: 2)
        for task in ["task_1", "task_2", "task_3"] {
            let claim = try #require(try await turn(order, position(5, task: task)))
            try await order.end(claim, isHandled: true)
        }
        #expect(try await turn(order, position(1)) != nil, "forgotten")
        #expect(try await answer(order, position(1, task: "task_3")) == .outdated)
    }

    @Test("A mirror never goes back in time, in whatever order events arrive; other handlers receive every event")
    func mirror() async throws {
        let secret = try WebhookSecret("a secret of the receiver")
        let (signer, clock) = (try WebhookSigner(secret), ManualClock())
        var story = SampleEvents(seed: 11)
        var events = try story.take(200)
        let expected = latest(events)
        var generator = SeededGenerator(seed: 12)
        events.shuffle(using: &generator)

        let order = InMemoryResourceOrder()
        let (mirror, seen) = (Log(), Log())
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret), deduplication: InMemoryDeduplication(), clock: clock)
        receiver.on(TaskCreated.self, order: order) { event, _ in
            mirror.append("\(event.task.id) \(event.task.version)")
        }
        receiver.on(TaskUpdated.self, order: order) { event, _ in
            mirror.append("\(event.task.id) \(event.task.version)")
        }
        receiver.on(TaskAssigned.self, order: order) { event, _ in
            mirror.append("\(event.task.id) \(event.task.version)")
        }
        receiver.on(TaskCompleted.self, order: order) { event, _ in
            mirror.append("\(event.task.id) \(event.task.version)")
        }
        receiver.on(TaskDeleted.self, order: order) { event, _ in mirror.append("\(event.id) gone") }
        receiver.onAny { _, context in seen.append("\(context.id)") }
        for event in events {
            let headers = signer.headers(for: event.bytes.span, id: event.id, at: clock.now)
            let reply = await receiver.respond(method: "POST", headers: headers, body: event.bytes)
            #expect(reply.status == 200)
        }
        #expect(seen.entries.count == 200)
        var state: [String: String] = [:]
        for line in mirror.entries {
            let parts = line.split(separator: " ")
            state[String(parts[0])] = String(parts[1])
        }
        #expect(state == expected)
    }

    @Test("In the background, where no retry follows, an event waits while another of its resource is handled")
    func backgroundBusy() async throws {
        let secret = try WebhookSecret("a secret of the receiver")
        let (signer, clock, log) = (try WebhookSigner(secret), ManualClock(), Log())
        let (queue, order) = (BackgroundQueue(width: 2), InMemoryResourceOrder())
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret), deduplication: InMemoryDeduplication(), clock: clock,
            background: queue)
        receiver.onAny { _, _ in log.append("any") }
        receiver.on(TaskCreated.self, order: order) { event, _ in log.append("mirrored") }
        let sample = try #require(try SampleEvents.sample(of: .taskCreated))
        let key = try #require(sample.metadata.orderingKey)
        let resource = ResourcePosition.Resource(accountID: sample.metadata.accountID, key: key)
        let other = ResourcePosition(resource: resource, sequence: 0, timestamp: sample.timestamp)
        let turn = try await order.begin(other, now: clock.now, until: clock.now + .seconds(60))
        guard case .granted(let claim) = turn else {
            Issue.record("the resource is not free")
            return
        }
        let headers = signer.headers(for: sample.bytes.span, id: sample.id, at: clock.now)
        #expect(await receiver.respond(method: "POST", headers: headers, body: sample.bytes).status == 200)
        queue.finish()
        await withTaskGroup { group in
            group.addTask { await queue.run() }
            let wait = await clock.waitForSleeper()
            #expect(log.entries.isEmpty, "no handler runs twice because another has to wait")
            try? await order.end(claim, isHandled: true)
            clock.advance(by: wait)
            await group.waitForAll()
        }
        #expect(log.entries == ["mirrored", "any"])
    }

    /// The state of a mirror after a sequence of events.
    private func latest(_ events: [Envelope]) -> [String: String] {
        var state: [String: String] = [:]
        for event in events {
            switch try? event.event() {
            case .taskCreated(let payload): state[payload.task.id] = String(payload.task.version)
            case .taskUpdated(let payload): state[payload.task.id] = String(payload.task.version)
            case .taskAssigned(let payload): state[payload.task.id] = String(payload.task.version)
            case .taskCompleted(let payload): state[payload.task.id] = String(payload.task.version)
            case .taskDeleted(let payload): state[payload.id] = "gone"
            default: continue
            }
        }
        return state
    }
}
