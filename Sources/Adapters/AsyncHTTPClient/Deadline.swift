#if AsyncHTTPClient
internal import Synchronization
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookRetries

/// Deadlines for operations that the client does not limit.
enum Deadline {
    /// Runs a body until a deadline.
    static func race<Value: Sendable>(
        _ deadline: ContinuousClock.Instant, orThrow failure: TransportFailure,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await ContinuousClock().sleep(until: deadline)
                throw TransportError(failure, "The deadline passed")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}

/// The beginning of a body, shared with the task that reads it.
final class BodyBox: Sendable {
    private let state = Mutex<[UInt8]>([])

    var bytes: [UInt8] { state.withLock { $0 } }

    /// Appends bytes, and returns whether there was room for all.
    func append(_ bytes: some Collection<UInt8>) -> Bool {
        state.withLock { state in
            let room = WebhookResponse.maximumBodyLength - state.count
            state += bytes.prefix(room)
            return bytes.count <= room
        }
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to at most one hour, the maximum duration of an attempt.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = min(max(self, .zero), .seconds(3600)).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
#endif
