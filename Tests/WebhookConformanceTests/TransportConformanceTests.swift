import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookConformance
import WebhookTesting

/// Tests of the conformance suite itself, which must detect transports that only pretend to send.
@Suite("TransportConformance", .timeLimit(.minutes(2)))
struct TransportConformanceTests {
    @Test("A transport that sends nothing and reports success fails every case")
    func pretender() async throws {
        var passed: [String] = []
        for example in TransportConformance.cases {
            do {
                try await example.run { setup in ScriptedTransport(policy: setup.policy, statuses: [200]) }
                passed.append(example.name)
            } catch is ConformanceFailure {}
        }
        #expect(passed.isEmpty)
    }

    @Test("A transport that fails every request passes no case that requires a success")
    func refuser() async throws {
        var passed: [String] = []
        for example in TransportConformance.cases {
            do {
                try await example.run { setup in
                    ScriptedTransport(policy: setup.policy) { _, _ in throw TransportError(.connectionReset, "no") }
                }
                passed.append(example.name)
            } catch is ConformanceFailure {} catch is TransportError {}
        }
        #expect(
            passed == [
                "Anything but an HTTP/1 response is an invalid response, and never a success",
                "A response head that is too large or never ends is rejected",
                "No byte of a request is sent to an endpoint that speaks only TLS 1.1, or no TLS",
            ])
    }

    @Test("Cases can be selected by a transport's abilities")
    func abilities() {
        let all = TransportConformance.cases(for: Set(TransportConformance.Capability.allCases))
        #expect(all.count == TransportConformance.cases.count)
        let few = TransportConformance.cases(for: [])
        #expect(!few.isEmpty && few.count < all.count)
        #expect(Set(all.map(\.name)).count == all.count)
    }
}
