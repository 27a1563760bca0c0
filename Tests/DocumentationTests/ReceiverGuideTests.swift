// Guide: a receiver
import Testing
import WebhookReceiving
import WebhookTesting

@Suite("My webhook endpoint")
struct MyEndpointTests {
    let clock = ManualClock()
    let titles = Titles()
    let receiver: WebhookReceiver
    let signer: TestSigner

    init() throws {
        let secret = try WebhookSecret("the secret of the test")
        let verifier = try WebhookVerifier(secret: secret)
        var receiver = WebhookReceiver(verifier: verifier, deduplication: InMemoryDeduplication(), clock: clock)
        receiver.on(TaskCreated.self) { [titles] event, _ in await titles.add(event.task.title) }
        self.receiver = receiver
        signer = try TestSigner(secret: secret)
    }

    @Test("An event is handled once, even if TaskFlow sends it twice")
    func handlesOnce() async throws {
        let event = try #require(try SampleEvents.sample(of: .taskCreated))
        for attempt in 1...2 {
            let request = signer.request(for: event, at: clock.now, attempt: attempt)
            let reply = await receiver.respond(method: request.method, headers: request.headers, body: request.body)
            #expect(reply.status == 200)
        }
        #expect(await titles.all.count == 1)
    }

    @Test("A request that TaskFlow would not send is rejected, and no handler runs", arguments: TestFault.allCases)
    func rejects(_ fault: TestFault) async throws {
        let event = try #require(try SampleEvents.sample(of: .taskCreated))
        let request = signer.request(for: event, at: clock.now, fault: fault)
        let reply = await receiver.respond(method: request.method, headers: request.headers, body: request.body)
        #expect(reply.status == fault.expectedStatus)
        #expect(await titles.all.isEmpty)
    }
}

actor Titles {
    private(set) var all: [String] = []
    func add(_ title: String) { all.append(title) }
}
// Guide: end
