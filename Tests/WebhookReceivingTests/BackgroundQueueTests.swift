import Testing
import WebhookReceiving
import WebhookTesting

/// The bounds of the queue of acknowledged events.
@Suite("BackgroundQueue", .timeLimit(.minutes(1)))
struct BackgroundQueueTests {
    let clock = ManualClock()
    let secret: WebhookSecret
    let signer: TestSigner

    init() throws {
        secret = try WebhookSecret("a secret of the receiver")
        signer = try TestSigner(secret: secret)
    }

    private func receiver(_ queue: BackgroundQueue, _ handled: Log = Log()) throws -> WebhookReceiver {
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret), deduplication: InMemoryDeduplication(), clock: clock,
            background: queue)
        receiver.onAny { _, context in handled.append("\(context.id)") }
        return receiver
    }

    /// The request for an event whose body has about the given number of bytes.
    private func request(_ number: Int, bytes: Int) throws -> TestRequest {
        let data = Array("{\"padding\":\"\(String(repeating: "x", count: bytes))\"}".utf8)
        let envelope = try Envelope(
            type: #require(EventType("task.archived")), data: data, id: EventID(unchecked: "evt_\(number)"),
            timestamp: clock.now, metadata: EventMetadata(accountID: "acc_123"))
        return signer.request(for: envelope, at: clock.now)
    }

    private func respond(_ receiver: WebhookReceiver, _ request: TestRequest) async -> WebhookReply {
        await receiver.respond(method: request.method, headers: request.headers, body: request.body)
    }

    @Test(
        "The total length of queued bodies is bounded, and an empty queue accepts any event",
        arguments: [
            (10_000, [4000, 4000, 4000, 1000], [200, 200, 503, 200]),
            (10_000, [20_000, 1, 20_000], [200, 503, 503]),
            (10_000, [1, 20_000, 1], [200, 503, 200]),
            (0, [1, 1], [200, 503]),
            (.max, [20_000, 20_000], [200, 200]),
        ] as [(Int, [Int], [Int])])
    func bytes(maximum: Int, sizes: [Int], expected: [Int]) async throws {
        let receiver = try receiver(BackgroundQueue(maximumBytes: maximum))
        var statuses: [Int] = []
        for (number, size) in sizes.enumerated() {
            let reply = await respond(receiver, try request(number, bytes: size))
            statuses.append(reply.status)
            #expect(reply.headers["Retry-After"] == (reply.status == 503 ? "5" : nil))
        }
        #expect(statuses == expected)
    }

    @Test("By default the queue holds 64 MB: six of the largest events, but not a seventh")
    func standard() async throws {
        let receiver = try receiver(BackgroundQueue())
        var statuses: [Int] = []
        for number in 0..<7 { statuses.append(await respond(receiver, try request(number, bytes: 9_999_000)).status) }
        #expect(statuses == [200, 200, 200, 200, 200, 200, 503])
    }

    @Test("A rejected event is handled when it arrives again, and handled events make room")
    func comesAgain() async throws {
        let (queue, log) = (BackgroundQueue(maximumBytes: 10_000), Log())
        let receiver = try receiver(queue, log)
        let requests = try (0..<2).map { try request($0, bytes: 8000) }
        for (request, status) in zip(requests, [200, 503]) {
            #expect(await respond(receiver, request).status == status)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { await queue.run() }
            while await respond(receiver, requests[1]).disposition == .failed(Self.full) { await Task.yield() }
            queue.finish()
            try await group.waitForAll()
        }
        #expect(log.entries == ["evt_0", "evt_1"])
    }

    private static let full = "The background queue is full. Try again later."
}
