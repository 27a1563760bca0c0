internal import Synchronization

/// Events that were answered and wait for their handlers: bounded, and drained in the host's own task.
///
/// Answering before handling keeps the sender's five seconds, at a price: an event that is lost with the process is not
/// sent again. Handle inline, or hand the event to a durable queue, where that matters.
public final class BackgroundQueue: Sendable {
    typealias Job = @Sendable () async -> Void

    private let stream: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation
    private let capacity: Int
    private let width: Int
    private let waiting = Mutex(0)

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - capacity: The most events that wait; beyond it requests are answered with 503 and come again.
    ///   - width: The most handlers at once.
    public init(capacity: Int = 1000, width: Int = 8) {
        self.capacity = max(1, capacity)
        self.width = max(1, width)
        (self.stream, self.continuation) = AsyncStream.makeStream(of: Job.self)
    }

    /// Runs handlers until ``finish()`` and until the queue is empty; call it once, in the host's task group.
    ///
    /// Cancelling the task is the same as ``finish()``: what waits was answered already, and nobody sends it again.
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
            let jobs = stream
            for _ in 0..<width {
                group.addTask {
                    for await job in jobs {
                        await job()
                        self.waiting.withLock { $0 -= 1 }
                    }
                }
            }
        }
    }

    /// Takes no more events; ``run()`` returns when those that wait are handled.
    public func finish() { continuation.finish() }

    /// Adds an event, or says that there is no room.
    func add(_ job: @escaping Job) -> Bool {
        let hasRoom = waiting.withLock { waiting in
            guard waiting < capacity else { return false }
            waiting += 1
            return true
        }
        guard hasRoom else { return false }
        if case .enqueued = continuation.yield(job) { return true }
        waiting.withLock { $0 -= 1 }
        return false
    }
}
