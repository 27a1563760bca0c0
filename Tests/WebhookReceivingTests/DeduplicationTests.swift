import Synchronization
import Testing
import WebhookConformance
import WebhookReceiving
import WebhookTesting

@Suite("InMemoryDeduplication")
struct InMemoryDeduplicationTests {
    static let start = Timestamp(unixSeconds: 1_700_000_000)

    static func key(_ number: Int) -> DeduplicationKey {
        DeduplicationKey(accountID: "acc_1", eventID: EventID(unchecked: "evt_\(number)"))
    }

    /// Claims an event for ten seconds, and returns the claim if the event is new.
    private func claim(
        _ store: InMemoryDeduplication, _ number: Int, after seconds: Int64 = 0
    ) async throws -> DeduplicationClaim? {
        let now = Self.start + .seconds(seconds)
        guard case .claimed(let claim) = try await store.claim(Self.key(number), now: now, until: now + .seconds(10))
        else { return nil }
        return claim
    }

    private func result(
        _ store: InMemoryDeduplication, _ number: Int, after seconds: Int64
    ) async throws -> DeduplicationResult {
        let now = Self.start + .seconds(seconds)
        return try await store.claim(Self.key(number), now: now, until: now + .seconds(10))
    }

    @Test("Conformance", arguments: DeduplicationConformance.cases)
    func conformance(_ example: DeduplicationConformance.Case) async throws {
        try await example.run { _ in InMemoryDeduplication() }
    }

    @Test("Claim, commit and release, and the ends of lease and lifetime")
    func phases() async throws {
        let store = InMemoryDeduplication()
        let first = try #require(try await claim(store, 1))
        #expect(try await result(store, 1, after: 9) == .inProgress)
        let second = try #require(try await claim(store, 1, after: 10), "the first handler died")
        try await store.release(first)
        #expect(try await result(store, 1, after: 11) == .inProgress, "a lost claim releases nothing")
        try await store.release(second)
        let third = try #require(try await claim(store, 1, after: 12))
        try await store.commit(third, keepUntil: Self.start + .seconds(100))
        try await store.commit(third, keepUntil: Self.start + .seconds(200))
        try await store.release(third)
        #expect(try await result(store, 1, after: 99) == .duplicate)
        #expect(try await claim(store, 1, after: 100) != nil, "repeating a commit changes nothing")
    }

    @Test("An expired claim can still be committed, because the work was done")
    func lostClaim() async throws {
        let store = InMemoryDeduplication()
        let first = try #require(try await claim(store, 1))
        let second = try #require(try await claim(store, 1, after: 10))
        try await store.commit(first, keepUntil: Self.start + .seconds(100))
        try await store.release(second)
        #expect(try await result(store, 1, after: 20) == .duplicate)
    }

    @Test("Memory is bounded: beyond the capacity, the oldest events are forgotten")
    func capacity() async throws {
        let store = InMemoryDeduplication(capacity: 10)
        for number in 0..<5000 {
            let claim = try #require(try await claim(store, number))
            try await store.commit(claim, keepUntil: Self.start + .seconds(100))
        }
        #expect(try await result(store, 4999, after: 0) == .duplicate)
        #expect(try await result(store, 4990, after: 0) == .duplicate)
        #expect(try await claim(store, 4989) != nil)
    }

    @Test("An event that is forgotten early is reported; an expired one is not")
    func earlyForget() async throws {
        let reports = Mutex<[InMemoryDeduplication.EarlyEviction]>([])
        let store = InMemoryDeduplication(capacity: 2) { report in reports.withLock { $0.append(report) } }
        for (number, after) in [(1, 0), (2, 0), (3, 10), (4, 49), (5, 150)] as [(Int, Int64)] {
            let claim = try #require(try await claim(store, number, after: after))
            try await store.commit(claim, keepUntil: Self.start + .seconds(after + 50))
        }
        // 1 was forgotten at 10 and 2 at 49, both kept until 50; 3 was forgotten at 150, kept until 60.
        let told = reports.withLock { $0 }
        #expect(told.map(\.key) == [Self.key(1), Self.key(2)])
        #expect(told.allSatisfy { $0.keepUntil == Self.start + .seconds(50) })
        #expect(told.map(\.count) == [1, 2])
        #expect(store.earlyEvictions == 2)
        #expect(told.first?.description.contains("evt_1") == true)
        #expect(try await claim(store, 1, after: 150) != nil, "a replay would be handled again")
    }

    @Test("An event that is handled again is remembered from the second time on")
    func handledAgain() async throws {
        let store = InMemoryDeduplication(capacity: 2)
        for (number, after) in [(1, 0), (1, 50), (2, 50)] as [(Int, Int64)] {
            let claim = try #require(try await claim(store, number, after: after))
            try await store.commit(claim, keepUntil: Self.start + .seconds(after + 50))
        }
        #expect(try await result(store, 1, after: 60) == .duplicate)
    }

    @Test("Claims are bounded too, and expired claims make room")
    func claims() async throws {
        let store = InMemoryDeduplication(capacity: 10)
        for number in 0..<10 { _ = try await claim(store, number) }
        await #expect(throws: InMemoryDeduplication.Full.self) { try await result(store, 10, after: 9) }
        #expect(try await claim(store, 10, after: 10) != nil)
    }

    @Test("The lifetime covers retries, replays and the age limit without a gap")
    func lifetime() {
        let policy = DeduplicationPolicy()
        #expect(policy.lifetime(tolerance: .seconds(300)) == .seconds(110_640))
        #expect(DeduplicationPolicy(retrySpan: .zero).lifetime(tolerance: .seconds(300)) == .seconds(86_400))
        // Four waits of 6 h from `Retry-After`, one of 6 h plus 10 %, and six attempts of 30 s.
        #expect(DeduplicationPolicy.taskFlowRetrySpan == .seconds(4 * 21_600 + 23_760 + 180))
        #expect(policy.lifetime(tolerance: .seconds(100_000)) == .seconds(200_300))
        #expect(policy.lifetime(tolerance: .zero, maximumAge: .seconds(604_800)) == .seconds(605_100))
        #expect(DeduplicationPolicy(retrySpan: .seconds(259_200)).lifetime(tolerance: .zero) == .seconds(259_500))
    }
}

/// A store like a database, which writes the mark and the handler's work in one transaction.
private final class TransactionalStore: DeduplicationStore {
    struct Tables: Sendable {
        var marks: [DeduplicationKey: Bool] = [:]
        var tasks: [String] = []
    }

    struct Conflict: Error {}

    let tables = Mutex(Tables())

    func claim(
        _ key: DeduplicationKey, now: Timestamp, until leaseEnd: Timestamp
    ) async throws -> DeduplicationResult {
        tables.withLock { tables in
            if let isHandled = tables.marks[key] { return isHandled ? .duplicate : .inProgress }
            tables.marks[key] = false
            return .claimed(DeduplicationClaim(key: key, token: 1))
        }
    }

    func commit(_ claim: DeduplicationClaim, keepUntil expiry: Timestamp) async throws {
        tables.withLock { $0.marks[claim.key] = true }
    }

    func release(_ claim: DeduplicationClaim) async throws {
        tables.withLock { tables in if tables.marks[claim.key] == false { tables.marks[claim.key] = nil } }
    }

    /// The commit that an adapter offers for the host's transaction.
    func transaction(_ claim: DeduplicationClaim, _ work: (inout Tables) throws -> Void) throws {
        try tables.withLock { tables in
            var copy = tables
            try work(&copy)
            copy.marks[claim.key] = true
            tables = copy
        }
    }
}

@Suite("Handling and deduplicating in one transaction")
struct TransactionTests {
    @Test("A crash after the transaction repeats no work, and a failure inside it leaves no trace")
    func oneTransaction() async throws {
        let (clock, store) = (ManualClock(), TransactionalStore())
        let secret = try WebhookSecret("a secret of the receiver")
        let signer = try WebhookSigner(secret)
        let sample = try #require(try SampleEvents.sample(of: .taskCreated))
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret), deduplication: store, clock: clock)
        let failures = Counter(1)
        let expiredLeases = Counter(1)
        receiver.on(TaskCreated.self) { event, context in
            try store.transaction(context.claim) { tables in
                tables.tasks.append(event.task.id)
                if failures.take() { throw TransactionalStore.Conflict() }
            }
            // Simulates a crash: the transaction is durable, but no response is sent.
            if expiredLeases.take() { throw TransactionalStore.Conflict() }
        }
        var statuses: [Int] = []
        for _ in 0..<3 {
            let headers = signer.headers(for: sample.bytes.span, id: sample.id, at: clock.now)
            statuses.append(
                await receiver.respond(method: "POST", headers: headers, body: sample.bytes).status)
        }
        #expect(statuses == [500, 500, 200])
        #expect(store.tables.withLock { $0.tasks.count } == 1)
    }
}
