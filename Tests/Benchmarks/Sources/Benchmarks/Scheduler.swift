import Foundation
import TaskFlowWebhooks
import WebhookTesting

/// Measures the time of a delivery in an in-memory store beside many pending ones, and the memory of a pending
/// delivery.
enum SchedulerBenchmark {
    private static let sizes = [1000, 10_000, 100_000, 1_000_000]

    static func run() async throws {
        for size in sizes {
            let transport = InstantTransport()
            let pending = try await Pending(accounts: 10, transport: transport)
            try await pending.publish(0..<size / 10)
            let cycles = try await (0..<9).asyncMap { round in
                try await cycle(pending, from: size + round * 1000)
            }
            report("publish, claim and settle, \(size) pending", median(cycles))
            let ways = try await (0..<9).asyncMap { round in
                try await way(pending, transport, from: size + 100_000 + round * 1000)
            }
            report("a complete delivery, \(size) pending", median(ways))
        }
    }

    /// Creates a million deliveries of 100 000 events of about 1 KB; ten deliveries share a body.
    ///
    /// Runs in a separate process: freed memory would be reused without being counted.
    static func measureMemory() async throws {
        let before = residentBytes()
        let pending = try await Pending(accounts: 10, transport: InstantTransport())
        try await pending.publish(0..<100_000)
        report("resident bytes per pending delivery", Double(residentBytes() - before) / 1_000_000)
        withExtendedLifetime(pending) {}
    }

    /// Returns nanoseconds per delivery in the store, with a constant number of pending deliveries.
    private static func cycle(_ pending: Pending, from first: Int) async throws -> Double {
        let (clock, batches) = (ContinuousClock(), 40)
        let envelopes = try (0..<batches * 6).map { try pending.event(first + $0, of: $0 % 10) }
        let publications = try envelopes.map { try pending.service.publication(of: $0) }
        var settled = 0
        let start = clock.now
        for batch in 0..<batches {
            for publication in publications[batch * 6..<batch * 6 + 6] {
                _ = try await pending.store.publish(publication)
            }
            let reply = try await pending.store.claim(ClaimRequest(count: 60))
            let now = pending.clock.now
            let settlements = reply.deliveries.map { claimed in
                Settlement(
                    lease: claimed.lease,
                    attempt: Attempt(number: 1, startedAt: now, duration: .zero, statusCode: 200, errorType: nil),
                    outcome: .success, decision: .succeed)
            }
            settled += try await pending.store.settle(settlements, rules: DeliveryRules()).count
        }
        precondition(settled == batches * 60, "claims gave \(settled) deliveries")
        return (clock.now - start) / .nanoseconds(1) / Double(settled)
    }

    /// Returns nanoseconds per delivery in the engine, with a constant number of pending deliveries.
    private static func way(_ pending: Pending, _ transport: InstantTransport, from first: Int) async throws -> Double {
        let (clock, events) = (ContinuousClock(), 240)
        let envelopes = try (0..<events).map { try pending.event(first + $0, of: $0 % 10) }
        let start = clock.now
        for envelope in envelopes { try await pending.service.publish(envelope) }
        // Each run has a new dispatcher on the same store: a stopped one does not restart.
        let service = pending.anotherService()
        transport.after(10 * events) { service.stop() }
        try await service.run()
        return (clock.now - start) / .nanoseconds(1) / Double(10 * events)
    }

    /// The resident memory of the process, as reported by Linux.
    private static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
