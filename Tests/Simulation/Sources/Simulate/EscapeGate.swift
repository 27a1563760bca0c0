#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ends the process with a violation when a task is enqueued on the global executor: it has left its simulated host.
///
/// The concurrency runtime calls a hook before it enqueues a job there. A statically linked runtime has no such symbol.
enum EscapeGate {
    /// The job, and the function that would enqueue it; both arrive in the same registers as in C.
    private typealias Hook = @convention(c) (OpaquePointer?, OpaquePointer?) -> Void

    /// The seed of the current run.
    nonisolated(unsafe) static var seed: UInt64 = 0

    static func close() {
        guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else {
            fatalError("the runtime has no hook for the global executor")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { _, _ in
            print("seed \(EscapeGate.seed): a task runs outside every simulated host")
            print("reproduce: bash Tests/Simulation/run.sh --seeds 1 --from \(EscapeGate.seed)")
            exit(1)
        }
    }
}
