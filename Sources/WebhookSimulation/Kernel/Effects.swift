internal import Synchronization

/// Runs a call of a store to completion, at one moment of simulated time.
///
/// An in-memory store never leaves the calling thread. For a store with its own threads, the simulation waits, and
/// simulated time stands still meanwhile; the run is then as reproducible as the store.
final class Effects: TaskExecutor, Sendable {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        Task(executorPreference: self) {
            do {
                let value = try await body()
                outcome.set(.success(value))
            } catch {
                outcome.set(.failure(error))
            }
        }
        while true {
            while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            }
            if let result = outcome.value { return try result.get() }
            // The store is working on another thread.
            sleepBriefly()
        }
    }
}

private final class Outcome<Value: Sendable>: Sendable {
    private let state = Mutex<Result<Value, any Error>?>(nil)

    func set(_ result: Result<Value, any Error>) { state.withLock { $0 = result } }
    var value: Result<Value, any Error>? { state.withLock { $0 } }
}
