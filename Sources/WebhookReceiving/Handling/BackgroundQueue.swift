internal import Synchronization

/// A queue of acknowledged events that wait for their handlers, bounded in number and bytes.
///
/// The queue runs in the host's task. Responding before handling meets the sender's timeout of five seconds, but an
/// event that is lost with the process is not sent again. If that matters, handle events inline or use a durable queue.
///
/// When the queue is full, requests are answered with 503 and `Retry-After`, and the sender retries them. An event
/// counts from the response until its handlers end.
public final class BackgroundQueue: Sendable {
    typealias Job = @Sendable () async -> Void

    /// One queued event.
    private struct Entry: Sendable {
        let bytes: Int
        let job: Job
    }

    private struct Load {
        var events = 0
        var bytes = 0
    }

    private let stream: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation
    private let capacity: Int
    private let maximumBytes: Int
    private let width: Int
    private let load = Mutex(Load())

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - capacity: The maximum number of events.
    ///   - maximumBytes: The maximum total length of the events' bodies, in bytes. The default of 64 MB holds six of
    ///     the largest events that TaskFlow sends. An empty queue accepts an event of any size.
    ///   - width: The maximum number of concurrent handlers.
    public init(capacity: Int = 1000, maximumBytes: Int = 64_000_000, width: Int = 8) {
        self.capacity = max(1, capacity)
        self.maximumBytes = max(0, maximumBytes)
        self.width = max(1, width)
        (self.stream, self.continuation) = AsyncStream.makeStream(of: Entry.self)
    }

    /// Runs handlers until ``finish()`` is called and the queue is empty; call it once, in the host's task group.
    ///
    /// Cancelling the task has the effect of ``finish()``: queued events are still handled, because they were
    /// acknowledged and are not sent again.
    public func run() async {
        await withTaskCancellationHandler {
            // An unstructured task, so that cancellation does not reach the handlers.
            await Task { await self.work() }.value
        } onCancel: {
            finish()
        }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            // `width` child tasks share the stream, which limits the concurrent handlers without counting.
            let entries = stream
            for _ in 0..<width {
                group.addTask {
                    for await entry in entries {
                        await entry.job()
                        self.leave(entry.bytes)
                    }
                }
            }
        }
    }

    /// Stops accepting events; ``run()`` returns when the queued events are handled.
    public func finish() { continuation.finish() }

    /// Adds an event if there is room.
    ///
    /// - Parameters:
    ///   - bytes: The length of the event's body, in bytes.
    ///   - job: Handles the event.
    /// - Returns: Whether the event was added.
    func add(bytes: Int, _ job: @escaping Job) -> Bool {
        let hasRoom = load.withLock { load in
            // An empty queue accepts any event; otherwise a body over the limit would be rejected forever.
            guard load.events == 0 || (load.events < capacity && bytes <= maximumBytes - load.bytes) else {
                return false
            }
            load.events += 1
            load.bytes += bytes
            return true
        }
        guard hasRoom else { return false }
        if case .enqueued = continuation.yield(Entry(bytes: bytes, job: job)) { return true }
        leave(bytes)
        return false
    }

    private func leave(_ bytes: Int) {
        load.withLock { load in
            load.events -= 1
            load.bytes -= bytes
        }
    }
}
