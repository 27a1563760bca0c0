import Synchronization
import Testing
import WebhookReceiving
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
    ) throws -> WebhookReceiver {
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret, policy: .taskFlow), deduplication: deduplication,
            clock: clock,
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
        let receiver = try receiver(log)
        let first = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
        let second = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
        #expect([first.status, second.status] == [200, 200])
        #expect([first.disposition, second.disposition] == [.accepted, .duplicate])
        #expect(log.entries.count == 1)
    }

    @Test("An event of an unknown type is passed on unchanged and accepted")
    func unknown() async throws {
        let log = Log()
        let type = try #require(EventType("task.archived"))
        let envelope = try Envelope(
            type: type, data: Array("{}".utf8), id: "evt_1", timestamp: clock.now,
            metadata: EventMetadata(accountID: "acc_123"))
        let reply = try await receiver(log).respond(
            method: "POST", headers: headers(envelope.bytes), body: envelope.bytes)
        #expect(reply.status == 200)
        #expect(log.entries == ["unknown task.archived"])
    }

    @Test("A request that is not a genuine webhook is rejected with the right status")
    func refused() async throws {
        let receiver = try receiver(Log())
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
        let large = [UInt8](repeating: UInt8(ascii: " "), count: WebhookVerifier.maximumBodyLength + 1)
        #expect(await status("POST", headers(large), large) == 413)
        #expect(receiver.refusal(method: "POST", headers: [:], bodyLength: .max)?.status == 413)
        #expect(receiver.refusal(method: "POST", headers: [:], bodyLength: WebhookVerifier.maximumBodyLength) == nil)
    }

    @Test("If a handler throws, the sender retries and the handler runs again")
    func handlerFails() async throws {
        let log = Log()
        let receiver = try receiver(log, failures: 1)
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
        let receiver = try receiver(log)
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

    @Test("With a background queue the response comes first, and a full queue asks the sender to retry")
    func background() async throws {
        let log = Log()
        let queue = BackgroundQueue(capacity: 2, width: 1)
        let receiver = try receiver(log, background: queue)
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

    @Test("A body in chunks is verified and handled like a whole one, and not read beyond the limit")
    func chunks() async throws {
        let log = Log()
        let receiver = try receiver(log)
        func stream(_ body: [UInt8], _ size: Int, _ read: Log = Log()) -> Chunks {
            Chunks(body: body, size: size, read: read)
        }
        let genuine = headers(sample.bytes)
        let replies = [
            try await receiver.respond(method: "POST", headers: genuine, chunks: stream(sample.bytes, 100)),
            try await receiver.respond(method: "POST", headers: genuine, chunks: stream(sample.bytes + [0x20], 100)),
            try await receiver.respond(method: "GET", headers: genuine, chunks: stream(sample.bytes, 100)),
        ]
        #expect(replies.map(\.status) == [200, 401, 405])
        #expect(log.entries.count == 1)
        let read = Log()
        let endless = [UInt8](repeating: UInt8(ascii: " "), count: WebhookVerifier.maximumBodyLength + 3_000_000)
        let large = try await receiver.respond(
            method: "POST", headers: headers(sample.bytes), chunks: stream(endless, 1_000_000, read))
        #expect(large.status == 413)
        #expect(read.entries.count == 11, "one chunk beyond the limit")
    }

    @Test("A header that contradicts the signed body is rejected; one that repeats it is not")
    func contradiction() async throws {
        for (name, value, status) in [
            ("X-TaskFlow-Event", "task.deleted", 400), ("X-TaskFlow-Event", "task.created", 200),
            ("webhook-id", "evt_other", 400), ("webhook-id", sample.id.rawValue, 200),
            ("webhook-id", " \(sample.id)\t", 200),
        ] {
            var headers = headers(sample.bytes)
            headers.append(name, value)
            let reply = try await receiver(Log()).respond(method: "POST", headers: headers, body: sample.bytes)
            #expect(reply.status == status, "\(name): \(value)")
        }
    }

    @Test("With an age limit, an old event is rejected even if its signature is valid")
    func maximumAge() async throws {
        var limits = ReceiverLimits()
        limits.maximumAge = .seconds(7 * 86_400)
        let receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret, policy: .taskFlow), deduplication: InMemoryDeduplication(),
            clock: clock,
            limits: limits)
        clock.advance(by: sample.timestamp + .seconds(7 * 86_400) - clock.now)
        #expect(
            await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes).status == 200)
        clock.advance(by: .seconds(1))
        #expect(
            await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes).status == 400)
    }

    @Test("A background event whose lease ended is handled only if no other process has handled it")
    func waitedTooLong() async throws {
        for isTaken in [false, true] {
            let log = Log()
            let (queue, store) = (BackgroundQueue(), InMemoryDeduplication())
            let receiver = try receiver(log, background: queue, deduplication: store)
            _ = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
            clock.advance(by: .seconds(301))
            if isTaken {
                let key = DeduplicationKey(accountID: sample.metadata.accountID, eventID: sample.id)
                _ = try await store.claim(key, now: clock.now, until: clock.now + .seconds(300))
            }
            queue.finish()
            await queue.run()
            #expect(log.entries.count == (isTaken ? 0 : 1))
        }
    }

    @Test("The receiver records which secret the sender still uses and when the old one is safe to drop")
    func secretReports() async throws {
        let old = try WebhookSecret("the secret that came before")
        let receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret, previous: [old], policy: .taskFlow),
            deduplication: InMemoryDeduplication(),
            clock: clock)
        func send(_ secret: WebhookSecret) async throws {
            let signature = try WebhookSigner(secret).taskFlowSignature(of: sample.bytes)
            _ = await receiver.respond(
                method: "POST", headers: ["X-TaskFlow-Signature": signature], body: sample.bytes)
        }
        func safe() -> [Bool] { receiver.secretReports().map(\.isSafeToDrop) }
        let span = DeduplicationPolicy.taskFlowRetrySpan
        #expect(safe() == [false, false], "nothing is known yet")
        try await send(old)
        let lastUse = clock.now
        clock.advance(by: span + span)
        #expect(safe() == [false, false], "no requests prove nothing")
        #expect(receiver.secretReports()[1].lastUsedAt == lastUse)
        try await send(old)
        clock.advance(by: span)
        try await send(secret)
        #expect(safe() == [false, false])
        clock.advance(by: .seconds(1))
        try await send(secret)
        let reports = receiver.secretReports()
        #expect(safe() == [false, true])
        #expect(reports.map(\.count) == [2, 2])
        #expect(reports[1].description.contains("safe to drop"))
    }

    @Test("A client that disconnects leaves no claim behind, and a cancelled background queue handles its events")
    func cancellation() async throws {
        /// Fails in a cancelled task, as database drivers do.
        final class Strict: DeduplicationStore {
            let base = InMemoryDeduplication()
            func claim(
                _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
            ) async throws -> DeduplicationResult { try await base.claim(key, now: now, until: leaseEnd) }
            func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {
                try Task.checkCancellation()
                try await base.commit(claim, keepUntil: expiry)
            }
            func release(_ claim: DeduplicationClaim) async throws {
                try Task.checkCancellation()
                try await base.release(claim)
            }
        }
        for failures in [0, 1] {
            let receiver = try receiver(Log(), failures: failures, deduplication: Strict())
            let respond = { @Sendable [sample, headers = headers(sample.bytes)] in
                await receiver.respond(method: "POST", headers: headers, body: sample.bytes)
            }
            await withTaskGroup { group in
                group.addTask { _ = await respond() }
                group.cancelAll()
            }
            let again = await respond()
            #expect(again.disposition == (failures == 0 ? .duplicate : .accepted))
        }
        let (queue, log) = (BackgroundQueue(width: 1), Log())
        let receiver = try receiver(log, background: queue, deduplication: Strict())
        var story = SampleEvents(seed: 5)
        for event in try story.take(20) where event.type == .taskCreated {
            _ = await receiver.respond(method: "POST", headers: headers(event.bytes), body: event.bytes)
        }
        await withTaskGroup { group in
            group.addTask { await queue.run() }
            group.cancelAll()
        }
        #expect(log.entries.count >= 3)
        #expect(!log.entries.contains { $0.contains("Cancellation") })
    }

    @Test("Receivers that share a store each handle an event once")
    func endpoints() async throws {
        let store = InMemoryDeduplication()
        var dispositions: [WebhookReply.Disposition] = []
        for endpoint in ["one", "other", "one"] {
            let receiver = WebhookReceiver(
                verifier: try WebhookVerifier(secret: secret, policy: .taskFlow), deduplication: store, clock: clock,
                endpoint: endpoint)
            let reply = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
            dispositions.append(reply.disposition)
        }
        #expect(dispositions == [.accepted, .accepted, .duplicate])
    }

    @Test("If the deduplication store is down, the sender is asked to retry")
    func storeDown() async throws {
        struct Down: DeduplicationStore, Error {
            func claim(
                _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
            ) async throws -> DeduplicationResult { throw self }
            func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {}
            func release(_ claim: DeduplicationClaim) async throws {}
        }
        let log = Log()
        let receiver = try receiver(log, deduplication: Down())
        let reply = await receiver.respond(method: "POST", headers: headers(sample.bytes), body: sample.bytes)
        #expect(reply.status == 503)
        #expect(log.entries.isEmpty)
    }
}

/// A body that arrives in chunks.
struct Chunks: AsyncSequence, AsyncIteratorProtocol {
    let body: [UInt8]
    let size: Int
    let read: Log
    var position = 0

    func makeAsyncIterator() -> Chunks { self }

    mutating func next() async -> [UInt8]? {
        guard position < body.count else { return nil }
        read.append("chunk")
        defer { position += size }
        return Array(body[position..<Swift.min(position + size, body.count)])
    }
}

/// A log of what handlers did.
final class Log: Sendable {
    private let lines = Mutex<[String]>([])
    var entries: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A condition that is true a given number of times.
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
