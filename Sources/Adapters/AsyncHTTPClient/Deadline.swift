#if AsyncHTTPClient
internal import Synchronization
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// What the client has no deadline for.
enum Deadline {
    /// Runs a body, but not beyond a moment.
    static func race<Value: Sendable>(
        _ deadline: ContinuousClock.Instant, orThrow failure: TransportFailure,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await ContinuousClock().sleep(until: deadline)
                throw TransportError(failure, "The time was over")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}

/// The beginning of a body, which outlives whoever reads it.
final class BodyBox: Sendable {
    private let state = Mutex<[UInt8]>([])

    var bytes: [UInt8] { state.withLock { $0 } }

    /// Adds bytes; `false` when there is room for no more.
    func append(_ bytes: some Collection<UInt8>) -> Bool {
        state.withLock { state in
            state += bytes.prefix(WebhookResponse.maximumBodyLength - state.count)
            return state.count < WebhookResponse.maximumBodyLength
        }
    }
}

extension Duration {
    /// The duration in nanoseconds; at most the hour that an attempt may take at all.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = min(max(self, .zero), .seconds(3600)).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
#endif
