import Testing
import WebhookReceiving
import WebhookTesting

/// Old events and replays: `X-TaskFlow-Signature` has no timestamp, the Standard Webhooks signature has one.
@Suite("Age limit", .timeLimit(.minutes(1)))
struct AgeLimitTests {
    static let day = Duration.seconds(86_400)

    let clock = ManualClock()
    let secret: WebhookSecret
    let signer: TestSigner
    let sample: Envelope

    init() throws {
        secret = try WebhookSecret("a secret of the receiver")
        signer = try TestSigner(secret: secret)
        sample = try #require(try SampleEvents.sample(of: .taskCreated))
        clock.advance(by: sample.timestamp - clock.now)
    }

    private func receiver(
        _ policy: VerificationPolicy, _ store: any DeduplicationStore = InMemoryDeduplication(),
        limits: ReceiverLimits = ReceiverLimits()
    ) throws -> WebhookReceiver {
        WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret, policy: policy), deduplication: store, clock: clock,
            limits: limits)
    }

    private func respond(_ receiver: WebhookReceiver, _ request: TestRequest) async -> WebhookReply {
        await receiver.respond(method: request.method, headers: request.headers, body: request.body)
    }

    /// A request without the headers of Standard Webhooks, as an attacker would replay it.
    private func stripped(_ request: TestRequest) -> TestRequest {
        let kept = request.headers.lines.filter { !$0.name.hasPrefix("webhook-") }
        return TestRequest(headers: HeaderFields(kept.map { ($0.name, $0.value) }), body: request.body)
    }

    /// The ways in which an event that is some days old can arrive.
    enum Sent: CaseIterable {
        /// An unchanged captured request.
        case replayed
        /// A captured request without the headers with a signed timestamp.
        case stripped
        /// A redelivery or a replay that was signed now.
        case redelivered
    }

    struct Example: CustomTestStringConvertible {
        let policy: VerificationPolicy
        let sent: Sent
        let age: Duration
        let status: Int
        var testDescription: String { "\(policy), \(sent), \(age): \(status)" }
    }

    private static let examples: [Example] = [
        // The store is empty, as after a restart, so only the limit rejects old events.
        Example(policy: .taskFlow, sent: .redelivered, age: day * 7, status: 200),
        Example(policy: .taskFlow, sent: .redelivered, age: day * 8, status: 400),
        Example(policy: .taskFlow, sent: .replayed, age: day * 8, status: 400),
        Example(policy: .taskFlow, sent: .stripped, age: day * 8, status: 400),
        Example(policy: .either(), sent: .redelivered, age: day * 8, status: 200),
        Example(policy: .either(), sent: .redelivered, age: day * 400, status: 200),
        Example(policy: .either(), sent: .replayed, age: day * 8, status: 401),
        Example(policy: .either(), sent: .stripped, age: day * 8, status: 400),
        Example(policy: .timestamped(), sent: .redelivered, age: day * 400, status: 200),
        Example(policy: .timestamped(), sent: .replayed, age: day * 8, status: 401),
        Example(policy: .timestamped(), sent: .stripped, age: day, status: 401),
    ]

    @Test(
        "By default, a possible replay is rejected after 7 days, and a request signed now is not", arguments: examples)
    func defaults(_ example: Example) async throws {
        let captured = signer.request(for: sample, at: clock.now)
        clock.advance(by: example.age)
        let request =
            switch example.sent {
            case .replayed: captured
            case .stripped: stripped(captured)
            case .redelivered: signer.request(for: sample, at: clock.now)
            }
        #expect(try await respond(receiver(example.policy), request).status == example.status)
    }

    @Test("The rejection contains the event's timestamp and says how to accept the event")
    func hint() async throws {
        clock.advance(by: Self.day * 8)
        let reply = try await respond(receiver(.taskFlow), signer.request(for: sample, at: clock.now))
        let text = String(decoding: reply.body, as: UTF8.self)
        #expect(reply.disposition == .refused(text))
        for part in [
            "\(sample.timestamp)", "604800 s", "may be a replay", "VerificationPolicy.either",
            "ReceiverLimits.maximumAge",
        ] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test("A handled event is never handled again, however often it is replayed", arguments: [0, 600] as [Int64])
    func noGap(secondsAhead: Int64) async throws {
        // Events from a sender whose clock is ahead have timestamps in the future and verify for longer.
        for policy in [VerificationPolicy.taskFlow, .either(), .timestamped()] {
            let clock = ManualClock(now: sample.timestamp - .seconds(secondsAhead))
            let receiver = WebhookReceiver(
                verifier: try WebhookVerifier(secret: secret, policy: policy), deduplication: InMemoryDeduplication(),
                clock: clock)
            let captured = signer.request(for: sample, at: clock.now)
            #expect(await respond(receiver, captured).disposition == .accepted)
            for _ in 0..<(24 * 9) {
                clock.advance(by: .seconds(3600))
                #expect(await respond(receiver, captured).disposition != .accepted)
                #expect(await respond(receiver, stripped(captured)).disposition != .accepted)
            }
        }
    }

    @Test("Old events are handled without a limit or with a longer one", arguments: [nil, day * 365] as [Duration?])
    func raised(maximumAge: Duration?) async throws {
        var limits = ReceiverLimits()
        limits.maximumAge = maximumAge
        clock.advance(by: Self.day * 300)
        let receiver = try receiver(.taskFlow, limits: limits)
        #expect(await respond(receiver, signer.request(for: sample, at: clock.now)).disposition == .accepted)
    }

    @Test("A handled event is remembered for the maximum age only if a proof without a timestamp is accepted")
    func remembered() async throws {
        for (policy, seconds) in [(.taskFlow, 605_100), (.either(), 605_100), (.timestamped(), 110_640)]
            as [(VerificationPolicy, Int64)]
        {
            var receiver = try receiver(policy)
            let (sentAt, now) = (sample.timestamp, clock.now)
            receiver.onAny { _, context in #expect(context.keepUntil == max(sentAt, now) + .seconds(seconds)) }
            #expect(await respond(receiver, signer.request(for: sample, at: clock.now)).disposition == .accepted)
        }
    }
}
