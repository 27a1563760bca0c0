import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookConformance
import WebhookTesting

/// The suite must notice transports that only pretend.
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

    @Test("A transport that fails whatever it is asked passes no case that has a success in it")
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
                "What is no HTTP/1 response is an invalid one, and never a success",
                "A head that is too large, or never ends, is refused",
                "An endpoint that speaks TLS 1.1 only, or no TLS at all, gets no byte of the request",
            ])
    }

    @Test("Cases can be chosen by what a transport is able to do")
    func abilities() {
        let all = TransportConformance.cases(for: Set(TransportConformance.Ability.allCases))
        #expect(all.count == TransportConformance.cases.count)
        let few = TransportConformance.cases(for: [])
        #expect(!few.isEmpty && few.count < all.count)
        #expect(Set(all.map(\.name)).count == all.count)
    }
}
