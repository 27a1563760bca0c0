#if HTTPTransport || AsyncHTTPClient
import Synchronization
import TaskFlowWebhooks
import Testing
import WebhookResolver

@Suite("LookUps", .timeLimit(.minutes(1)))
struct LookUpsTests {
    /// A resolver that calls a closure.
    private struct ClosureResolver: HostResolver {
        let lookup: @Sendable (String) async throws -> [IPAddress]

        func addresses(of host: String) async throws -> [IPAddress] { try await lookup(host) }
    }

    private static let address = IPAddress(v4: 0x0808_0808)

    @Test("Many requests for one name share one look-up")
    func sharing() async throws {
        let count = Mutex(0)
        let lookups = LookupRunner(
            ClosureResolver { _ in
                count.withLock { $0 += 1 }
                return [Self.address]
            })
        try await withThrowingTaskGroup(of: [IPAddress].self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await lookups.addresses(of: "hooks.example.com", for: nil, until: .now + .seconds(5))
                }
            }
            for try await addresses in group { #expect(addresses == [Self.address]) }
        }
        #expect(count.withLock { $0 } == 1)
    }

    @Test("The resolver's task is cancelled with the last request, and at the deadline")
    func cancellation() async throws {
        for isCancelled in [true, false] {
            let started = AsyncStream.makeStream(of: Void.self)
            let ended = AsyncStream.makeStream(of: Void.self)
            let lookups = LookupRunner(
                ClosureResolver { _ in
                    started.continuation.finish()
                    defer { ended.continuation.finish() }
                    try await ContinuousClock().sleep(for: .seconds(600))
                    return []
                })
            let request = Task {
                let deadline = ContinuousClock.now + (isCancelled ? .seconds(500) : .milliseconds(50))
                return try await lookups.addresses(of: "slow.example.com", for: nil, until: deadline)
            }
            for await _ in started.stream {}
            if isCancelled { request.cancel() }
            let error = await #expect(throws: (any Error).self) { try await request.value }
            if !isCancelled { #expect((error as? TransportError)?.failure == .dnsTimeout) }
            for await _ in ended.stream {}
        }
    }

    @Test("A resolver that ignores cancellation keeps its slot, and its answer is used")
    func stubborn() async throws {
        let release = AsyncStream.makeStream(of: Void.self)
        let lookups = LookupRunner(
            ClosureResolver { _ in
                await Task { for await _ in release.stream {} }.value
                return [Self.address]
            })
        let error = await #expect(throws: TransportError.self) {
            try await lookups.addresses(of: "slow.example.com", for: nil, until: .now + .milliseconds(50))
        }
        #expect(error?.failure == .dnsTimeout)
        async let next = lookups.addresses(of: "slow.example.com", for: nil, until: .now + .seconds(20))
        release.continuation.finish()
        #expect(try await next == [Self.address])
    }

    @Test("Any other error of a resolver counts as a DNS failure")
    func otherErrors() async throws {
        struct Strange: Error {}
        let lookups = LookupRunner(ClosureResolver { _ in throw Strange() })
        let error = await #expect(throws: TransportError.self) {
            try await lookups.addresses(of: "hooks.example.com", for: nil, until: .now + .seconds(5))
        }
        #expect(error?.failure == .dnsFailure)
    }

    @Test("A known name with a slow look-up gets its last answer instead of a failure")
    func stale() async throws {
        let count = Mutex(0)
        let resolver = ClosureResolver { _ in
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            if !isFirst { try await ContinuousClock().sleep(for: .seconds(600)) }
            return [Self.address]
        }
        var limits = LookupLimits()
        limits.answerLifetime = .zero
        let lookups = LookupRunner(resolver, limits)
        for _ in 0..<3 {
            let addresses = try await lookups.addresses(of: "hooks.example.com", for: nil, until: .now + .seconds(5))
            #expect(addresses == [Self.address])
        }
        #expect(count.withLock { $0 } == 2, "the third request is answered while the name is rejected")
    }
}
#endif
