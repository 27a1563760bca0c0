import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookTesting

@Suite("Trace context", .timeLimit(.minutes(1)))
struct TraceContextTests {
    /// The example of the specification's section 3.2.4.
    static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test(
        "A traceparent has a version, a trace, a span and flags (W3C Trace Context, section 3.2)",
        arguments: [
            (parent, true), ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true),
            ("fe-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-00", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-00", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-00", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-00", false), (parent + "-00", false),
            (parent + "\n", false), ("", false), ("0af7651916cd43dd8448eb211c80319c", false),
        ])
    func parents(text: String, isValid: Bool) {
        #expect((EventPublication.TraceContext(traceparent: text) != nil) == isValid)
    }

    @Test(
        "An invalid tracestate is left out, and the stored form keeps both fields",
        arguments: [
            ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", true), ("a= b", true),
            (String(repeating: "x", count: 512), true),
            (String(repeating: "x", count: 513), false), ("", false), ("a=é", false), ("a=b\r\nX-Evil: 1", false),
        ])
    func states(text: String, isKept: Bool) throws {
        let trace = try #require(EventPublication.TraceContext(traceparent: Self.parent, tracestate: text))
        #expect(trace.tracestate == (isKept ? text : nil))
        #expect(try EventPublication.TraceContext(stored: trace.stored) == trace)
    }

    @Test("A damaged stored form is an error", arguments: ["", " ", "00", "x y", " " + parent])
    func damaged(text: String) {
        #expect(throws: DeliveryError.self) { try EventPublication.TraceContext(stored: text) }
    }

    private final class Observer: DeliveryObserver {
        let traces = Mutex<[EventPublication.TraceContext?]>([])

        func observe(_ occurrence: DeliveryNotification) {
            switch occurrence {
            case .attemptStarted(_, let trace), .attempted(_, _, _, let trace):
                traces.withLock { $0.append(trace) }
            default: break
            }
        }
    }

    @Test("Every attempt notifies the observer of the trace; only a webhook that asks for it gets the header fields")
    func attempts() async throws {
        let (clock, observer) = (ManualClock(), Observer())
        let sent = Mutex<[String: [[String]]]>([:])
        let transport = ScriptedTransport { request, _ in
            let fields = ["traceparent", "tracestate"].map { request.headers[$0] ?? "none" }
            let attempts = sent.withLock { sent in
                sent[request.url.description, default: []].append(fields)
                return sent[request.url.description, default: []].count
            }
            return WebhookResponse(status: attempts == 1 ? 500 : 200)
        }
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: transport, clock: clock,
            random: SeededRandomSource(seed: 7), observer: observer)
        for sends in [true, false] {
            var registration = WebhookRegistration(
                url: "https://example.com/\(sends)", events: [.all], secret: .generate())
            registration.sendsTraceContext = sends
            try await service.register(registration, account: "acc_123")
        }
        let trace = try #require(EventPublication.TraceContext(traceparent: Self.parent, tracestate: "rojo=1"))
        try await service.publish(TaskCreated(WebhookServiceTests.task), account: "acc_123", trace: trace)
        try await clock.run(service)
        #expect(
            sent.withLock { $0["https://example.com/true"] } == [[Self.parent, "rojo=1"], [Self.parent, "rojo=1"]])
        #expect(sent.withLock { $0["https://example.com/false"] } == [["none", "none"], ["none", "none"]])
        #expect(observer.traces.withLock(\.self) == Array(repeating: trace, count: 8))
    }
}
