internal import WebhookEvents
public import WebhookReceiving
public import WebhookTesting

/// Conformance tests for deduplication stores: named cases that a host runs against its own implementation.
///
/// ```swift
/// @Test(arguments: DeduplicationConformance.cases)
/// func conformance(_ example: DeduplicationConformance.Case) async throws {
///     try await example.run { clock in MyDeduplication(clock: clock) }
/// }
/// ```
public enum DeduplicationConformance {
    /// A test of one required behaviour.
    public struct Case: Sendable, CustomStringConvertible {
        /// The required behaviour, as a sentence.
        public let name: String
        private let body: @Sendable (DeduplicationHarness) async throws -> Void

        fileprivate init(_ name: String, _ body: @escaping @Sendable (DeduplicationHarness) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The required behaviour, as a sentence.
        public var description: String { name }

        /// Runs the case against a new, empty deduplication store.
        ///
        /// - Parameter makeStore: Creates the store. If the store reads the time, it must read it from the clock.
        /// - Throws: ``ConformanceFailure`` when the store behaves differently, and any error of the store.
        public func run(_ makeStore: (ManualClock) async throws -> any DeduplicationStore) async throws {
            let clock = ManualClock()
            try await body(DeduplicationHarness(store: makeStore(clock), clock: clock))
        }
    }

    /// All cases.
    public static let cases: [Case] = [
        Case("A claimed event is in progress; a committed event is a duplicate") { memory in
            let claim = try await memory.claimed()
            try await memory.expect(.inProgress)
            try await memory.store.commit(claim, keepUntil: memory.clock.now + .seconds(1000))
            try await memory.expect(.duplicate)
        },
        Case("An event can be claimed again after a release or an expired lease") { memory in
            try await memory.store.release(try await memory.claimed())
            _ = try await memory.claimed()
            memory.clock.advance(by: .seconds(60))
            _ = try await memory.claimed()
        },
        Case("An event is remembered until the time given at its commit, and no longer") { memory in
            try await memory.store.commit(try await memory.claimed(), keepUntil: memory.clock.now + .seconds(1000))
            memory.clock.advance(by: .seconds(999))
            try await memory.expect(.duplicate)
            memory.clock.advance(by: .seconds(1))
            _ = try await memory.claimed()
        },
        Case("Tokens are never reused, so that an old claim cannot release a new one") { memory in
            let old = try await memory.claimed()
            try await memory.store.release(old)
            let new = try await memory.claimed()
            try memory.check(new.token != old.token, "the same token was issued twice")
            try await memory.store.release(old)
            try await memory.expect(.inProgress)
        },
        Case("A committed event cannot be released") { memory in
            let claim = try await memory.claimed()
            try await memory.store.commit(claim, keepUntil: memory.clock.now + .seconds(1000))
            try await memory.store.release(claim)
            try await memory.expect(.duplicate)
        },
        Case("A claim whose lease has expired can still be committed") { memory in
            let lost = try await memory.claimed()
            memory.clock.advance(by: .seconds(60))
            let other = try await memory.claimed()
            try await memory.store.commit(lost, keepUntil: memory.clock.now + .seconds(1000))
            try await memory.expect(.duplicate)
            try await memory.store.release(other)
            try await memory.expect(.duplicate)
        },
        Case("Committing twice changes nothing") { memory in
            let claim = try await memory.claimed()
            for _ in 0..<2 { try await memory.store.commit(claim, keepUntil: memory.clock.now + .seconds(1000)) }
            try await memory.expect(.duplicate)
        },
        Case("Events, accounts and endpoints are distinguished") { memory in
            for key in [
                DeduplicationKey(accountID: "acc_1", eventID: "evt_1"),
                DeduplicationKey(accountID: "acc_1", eventID: "evt_2"),
                DeduplicationKey(accountID: "acc_2", eventID: "evt_1"),
                DeduplicationKey(endpoint: "another", accountID: "acc_1", eventID: "evt_1"),
            ] {
                let claim = try await memory.claimed(key)
                try await memory.store.commit(claim, keepUntil: memory.clock.now + .seconds(1000))
            }
        },
        Case("Of many concurrent claims of one event, exactly one succeeds") { memory in
            let claims = try await withThrowingTaskGroup(of: DeduplicationResult.self) { group in
                for _ in 0..<16 { group.addTask { @concurrent in try await memory.claim() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try memory.check(claims.count { $0 == .inProgress } == 15, "not exactly one of 16 claimed it: \(claims)")
        },
    ]
}

/// A deduplication store, its clock, and helpers that keep the cases short.
private struct DeduplicationHarness: Sendable {
    let store: any DeduplicationStore
    let clock: ManualClock

    func claim(
        _ key: DeduplicationKey = DeduplicationKey(accountID: "acc_1", eventID: "evt_1")
    ) async throws -> DeduplicationResult {
        try await store.claim(key, now: clock.now, until: clock.now + .seconds(60))
    }

    func claimed(
        _ key: DeduplicationKey = DeduplicationKey(accountID: "acc_1", eventID: "evt_1")
    ) async throws -> DeduplicationClaim {
        let result = try await claim(key)
        guard case .claimed(let claim) = result else {
            throw ConformanceFailure(description: "expected \(key.eventID) to be claimed, got \(result)")
        }
        return claim
    }

    func expect(_ expected: DeduplicationResult) async throws {
        let result = try await claim()
        try check(result == expected, "expected \(expected), got \(result)")
    }

    func check(_ condition: Bool, _ what: String) throws {
        if !condition { throw ConformanceFailure(description: what) }
    }
}
