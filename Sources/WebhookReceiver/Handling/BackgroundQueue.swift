internal import Synchronization

/// Events that were answered and wait for their handlers: bounded in number and bytes, and drained in the host's own task.
///
/// Answering before handling keeps the sender's five seconds, at a price: an event that is lost with the process is not
/// sent again. Handle inline, or hand the event to a durable queue, where that matters.
///
/// Beyond a bound requests are answered with 503 and `Retry-After`, before anything is acknowledged, and come again. Events
/// count from the answer until their handlers end.
public final class BackgroundQueue: Sendable {
    typealias Job = @Sendable () async -> Void

    /// What one event takes.
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
    ///   - capacity: The most events that wait.
    ///   - maximumBytes: The most bytes that the bodies of waiting events have together: 64 MB, six of the largest events that
    ///     TaskFlow sends. An empty queue takes an event of any size.
    ///   - width: The most handlers at once.
    public init(capacity: Int = 1000, maximumBytes: Int = 64_000_000, width: Int = 8) {
        self.capacity = max(1, capacity)
        self.maximumBytes = max(0, maximumBytes)
        self.width = max(1, width)
        (self.stream, self.continuation) = AsyncStream.makeStream(of: Entry.self)
    }

    /// Runs handlers until ``finish()`` and until the queue is empty; call it once, in the host's task group.
    ///
    /// Cancelling the task is the same as ``finish()``: what waits was answered already and is not sent again.
    public func run() async {
        await withTaskCancellationHandler {
            // A task of its own, so that handlers run to their end.
            await Task { await self.work() }.value
        } onCancel: {
            finish()
        }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            // `width` workers that share the stream bound the handlers at once without any counting.
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

    /// Takes no more events; ``run()`` returns when those that wait are handled.
    public func finish() { continuation.finish() }

    /// Adds an event, or says that there is no room.
    ///
    /// - Parameters:
    ///   - bytes: The length of its body.
    ///   - job: Handles it.
    /// - Returns: Whether it was added.
    func add(bytes: Int, _ job: @escaping Job) -> Bool {
        let hasRoom = load.withLock { load in
            // One event is always possible, or a body above the bound would be refused for ever.
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
