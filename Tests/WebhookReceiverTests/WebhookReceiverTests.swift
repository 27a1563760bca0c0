import Synchronization
import Testing
import WebhookReceiver
import WebhookTesting

@Suite("WebhookReceiver", .timeLimit(.minutes(1)))
struct WebhookReceiverTests {
    let clock = ManualClock()
    let secret: WebhookSecret
    let signer: WebhookSigner
    let sample: Envelope

    init() throws {
        secret = try WebhookSecret("a secret of the receiver")
        signer = try WebhookSigner(secret)
        sample = try #require(try SampleEvents.sample(of: .taskCreated))
    }

    func headers(_ body: [UInt8], type: String = "application/json") -> HeaderFields {
        ["Content-Type": type, "X-TaskFlow-Signature": signer.taskFlowSignature(of: body)]
    }

    func receiver(
        _ handled: Log, background: BackgroundQueue? = nil, failures: Int = 0,
        deduplication: any DeduplicationStore = InMemoryDeduplication()
    ) -> WebhookReceiver {
        var receiver = WebhookReceiver(
            verifier: WebhookVerifier(secret: secret), deduplication: deduplication, clock: clock,
            background: background)
        let left = Counter(failures)
        receiver.on(TaskCreated.self) { event, context in
            if left.take() { throw HandlerFailure() }
            handled.append("\(context.id) \(event.task.id)")
        }
        receiver.onUnknown { event, _ in handled.append("unknown \(event.type)") }
        receiver.onError { error, _ in handled.append("\(error)") }
        return receiver
    }

    struct HandlerFailure: Error, CustomStringConvertible { let description = "handler failed" }

    @Test("A genuine event is decoded, handled once and answered with 200; its duplicate is not handled again")
    func accepted() async throws {
        let log = Log()
        let receiver = receiver(log)
        let first = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
        let second = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
        #expect([first.status, second.status] == [200, 200])
        #expect([first.disposition, second.disposition] == [.accepted, .duplicate])
        #expect(log.entries.count == 1)
    }

    @Test("An unknown type is handed on whole, and accepted")
    func unknown() async throws {
        let log = Log()
        let type = try #require(EventType("task.archived"))
        let envelope = try Envelope(
            type: type, data: Array("{}".utf8), id: "evt_1", timestamp: clock.now,
            metadata: EventMetadata(accountID: "acc_123"))
        let reply = await receiver(log).respond(method: "POST", headers: headers(envelope.bytes), body: envelope.bytes)
        #expect(reply.status == 200)
        #expect(log.entries == ["unknown task.archived"])
    }

    @Test("What is not a genuine webhook request is refused with the right status")
    func refused() async throws {
        let receiver = receiver(Log())
        func status(_ method: String, _ headers: HeaderFields, _ body: [UInt8]) async -> Int {
            await receiver.respond(method: method, headers: headers, body: body).status
        }
        let genuine = headers(sample.bytes)
        #expect(await status("GET", genuine, sample.bytes) == 405)
        #expect(await status("post", genuine, sample.bytes) == 405)
        #expect(await status("POST", headers(sample.bytes, type: "text/plain"), sample.bytes) == 415)
        #expect(
            await status("POST", headers(sample.bytes, type: "application/json; charset=utf-8"), sample.bytes) == 200)
        #expect(await status("POST", ["Content-Type": "application/json"], sample.bytes) == 401)
        #expect(await status("POST", genuine, sample.bytes + [0x20]) == 401)
        #expect(await status("POST", ["X-TaskFlow-Signature": "sha256="], sample.bytes) == 401)
        for junk in [[], Array("{}".utf8), [0xFF, 0xFE], Array(repeating: UInt8(ascii: "["), count: 100_000)]
            as [[UInt8]]
        {
            #expect(await status("POST", headers(junk), junk) == 400)
        }
        let large = [UInt8](repeating: UInt8(ascii: " "), count: WebhookReceiver.maximumBodyLength + 1)
        #expect(await status("POST", headers(large), large) == 413)
        #expect(receiver.refusal(method: "POST", headers: [:], bodyLength: .max)?.status == 413)
        #expect(receiver.refusal(method: "POST", headers: [:], bodyLength: WebhookReceiver.maximumBodyLength) == nil)
    }

    @Test("A handler that throws makes the sender come again, and then runs again")
    func handlerFails() async throws {
        let log = Log()
        let receiver = receiver(log, failures: 1)
        let statuses = [
            await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes).status,
            await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes).status,
            await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes).status,
        ]
        #expect(statuses == [500, 200, 200])
        #expect(log.entries.count == 2)
        #expect(log.entries.first == "handler failed")
    }

    @Test("Concurrent duplicates run the handler once")
    func concurrentDuplicates() async throws {
        let log = Log()
        let receiver = receiver(log)
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes).status
                }
            }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(statuses.isSubset(of: [200, 409]))
        #expect(log.entries.count == 1)
    }

    @Test("With a background queue the answer comes first, and a full queue asks the sender to come again")
    func background() async throws {
        let log = Log()
        let queue = BackgroundQueue(capacity: 2, width: 1)
        let receiver = receiver(log, background: queue)
        var samples = SampleEvents(seed: 5)
        var statuses: [Int] = []
        var events: [Envelope] = []
        while events.count < 3 {
            let event = try samples.next()
            if event.type == .taskCreated { events.append(event) }
        }
        for event in events {
            statuses.append(
                await receiver.respond(method: "POST", headers: headers(event.bytes), body: event.bytes).status)
        }
        #expect(statuses == [200, 200, 503])
        #expect(log.entries.isEmpty, "nothing runs before the queue does")
        queue.finish()
        await queue.run()
        #expect(log.entries.count == 2)
    }

    @Test("A deduplication store that is down asks the sender to come again")
    func storeDown() async throws {
        struct Down: DeduplicationStore, Error {
            func claim(_ event: DeduplicationKey, now: Timestamp) async throws -> DeduplicationClaim { throw self }
            func commit(_ event: DeduplicationKey, now: Timestamp) async throws {}
            func release(_ event: DeduplicationKey) async throws {}
        }
        let log = Log()
        let receiver = receiver(log, deduplication: Down())
        let reply = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
        #expect(reply.status == 503)
        #expect(log.entries.isEmpty)
    }
}

@Suite("InMemoryDeduplication")
struct InMemoryDeduplicationTests {
    static let start = Timestamp(unixSeconds: 1_700_000_000)

    static func key(_ number: Int) -> DeduplicationKey {
        DeduplicationKey(account: "acc_1", event: EventID(unchecked: "evt_\(number)"))
    }

    @Test("Claim, commit and release, and the ends of lease and lifetime")
    func phases() async throws {
        let store = InMemoryDeduplication(lifetime: .seconds(100), lease: .seconds(10))
        let key = Self.key(1)
        #expect(try await store.claim(key, now: Self.start) == .claimed)
        #expect(try await store.claim(key, now: Self.start + .seconds(9)) == .inProgress)
        #expect(try await store.claim(key, now: Self.start + .seconds(10)) == .claimed, "the first handler died")
        try await store.release(key)
        #expect(try await store.claim(key, now: Self.start) == .claimed)
        try await store.commit(key, now: Self.start)
        try await store.release(key)
        #expect(try await store.claim(key, now: Self.start + .seconds(99)) == .duplicate)
        #expect(try await store.claim(key, now: Self.start + .seconds(100)) == .claimed)
    }

    @Test("The default lifetime covers the last documented retry")
    func lifetime() async throws {
        let store = InMemoryDeduplication()
        _ = try await store.claim(Self.key(1), now: Self.start)
        try await store.commit(Self.key(1), now: Self.start)
        #expect(try await store.claim(Self.key(1), now: Self.start + .seconds(7 * 3600 + 360)) == .duplicate)
    }

    @Test("Memory is bounded: beyond the capacity the oldest are forgotten")
    func capacity() async throws {
        let store = InMemoryDeduplication(capacity: 10)
        for number in 0..<5000 {
            _ = try await store.claim(Self.key(number), now: Self.start)
            try await store.commit(Self.key(number), now: Self.start)
        }
        #expect(try await store.claim(Self.key(4999), now: Self.start) == .duplicate)
        #expect(try await store.claim(Self.key(4990), now: Self.start) == .duplicate)
        #expect(try await store.claim(Self.key(4989), now: Self.start) == .claimed)
    }
}

/// What handlers did.
final class Log: Sendable {
    private let lines = Mutex<[String]>([])
    var entries: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Says yes a number of times.
final class Counter: Sendable {
    private let left: Mutex<Int>
    init(_ count: Int) { left = Mutex(count) }
    func take() -> Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}
