import Testing
import WebhookReceiving
import WebhookTesting

@Suite("TestSigner and MockSender")
struct ConsumerTestingTests {
    let clock = ManualClock()
    let secret: WebhookSecret
    let sample: Envelope

    init() throws {
        secret = try WebhookSecret("a secret of the consumer")
        sample = try #require(try SampleEvents.sample(of: .taskUpdated))
    }

    private func receiver(_ policy: VerificationPolicy, _ log: Log) throws -> WebhookReceiver {
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret, policy: policy), deduplication: InMemoryDeduplication(),
            clock: clock)
        receiver.onAny { _, context in log.append("\(context.id)") }
        return receiver
    }

    @Test(
        "Every fault is rejected with its documented status and reaches no handler",
        arguments: TestFault.allCases)
    func faults(_ fault: TestFault) async throws {
        for policy in [VerificationPolicy.taskFlow, .timestamped(), .either()] {
            let log = Log()
            let request = try TestSigner(secret: secret).request(for: sample, at: clock.now, fault: fault)
            let reply = try await receiver(policy, log).respond(
                method: request.method, headers: request.headers, body: request.body)
            #expect(reply.status == fault.expectedStatus)
            #expect(log.entries.isEmpty)
        }
    }

    @Test("Only the chosen proofs are sent")
    func schemes() throws {
        var generator = SeededGenerator(seed: 1)
        let key = try WebhookSecret.randomSigningKey(using: &generator)
        func request(_ schemes: Set<SignatureScheme>) throws -> HeaderFields {
            try TestSigner(secret: secret, additional: [key], schemes: schemes).request(for: sample, at: clock.now)
                .headers
        }
        #expect(try request([.taskFlow])["webhook-signature"] == nil)
        #expect(try request([.standardV1])["X-TaskFlow-Signature"] == nil)
        let asymmetric = try request([.standardV1a])
        #expect(asymmetric["webhook-signature"]?.hasPrefix("v1a,") == true)
        let verifier = try WebhookVerifier(secret: key.verificationKey, policy: .timestamped())
        #expect(try verifier.verify(sample.bytes, headers: asymmetric, now: clock.now).proof.scheme == .standardV1a)
    }

    @Test(
        "A consumer that fails at first gets every event and handles each once", arguments: [nil, 3, 4] as [UInt64?])
    func mockSender(seed: UInt64?) async throws {
        let log = Log()
        let receiver = try receiver(.timestamped(), log)
        let failures = Counter(20)
        let sender = MockSender(signer: try TestSigner(secret: secret), clock: clock)
        var story = SampleEvents(seed: 1)
        let events = try story.take(50)
        let start = clock.now
        let reports = await sender.deliver(events, duplicates: 2, shuffledBy: seed) { request in
            if failures.take() { throw HandlerDown() }
            return await receiver.respond(method: request.method, headers: request.headers, body: request.body).status
        }
        #expect(reports.map(\.event) == events.map(\.id))
        #expect(reports.filter { !$0.isDelivered }.isEmpty)
        let attempts = reports.reduce(0) { $0 + $1.statuses.count }
        #expect(attempts == 170)
        #expect(Set(log.entries).count == 50)
        #expect(log.entries.count == 50)
        #expect(clock.now - start >= .seconds(5))
    }

    @Test("The sender stops after six failed attempts, and after the first if the endpoint is gone")
    func givenUp() async throws {
        let sender = MockSender(signer: try TestSigner(secret: secret), clock: clock)
        let failed = await sender.deliver([sample]) { _ in 500 }
        #expect(failed[0].statuses == [500, 500, 500, 500, 500, 500])
        #expect(!failed[0].isDelivered)
        let gone = await sender.deliver([sample]) { _ in 410 }
        #expect(gone[0].statuses == [410])
    }

    struct HandlerDown: Error {}
}
