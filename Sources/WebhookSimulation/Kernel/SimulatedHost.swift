internal import WebhookDelivery
internal import WebhookEvents

/// One process on one machine, which runs until it crashes.
///
/// A crash is like a power failure: the jobs of the host are dropped at their current point, and no `defer` or `catch`
/// runs. A restarted process is a new host.
final class SimulatedHost: TaskExecutor, @unchecked Sendable {
    let scheduler: SimulationScheduler
    let number: Int
    let clock: HostClock
    let faults: Faults
    private(set) var isDead = false
    private(set) var frozenUntil: Int64 = 0
    var onCrash: () -> Void = {}

    init(_ scheduler: SimulationScheduler, number: Int, clock: HostClock, faults: Faults) {
        self.scheduler = scheduler
        self.number = number
        self.clock = clock
        self.faults = faults
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !isDead { scheduler.enqueue(job, on: self) }
    }

    /// Starts a task on this host.
    ///
    /// - Returns: The task, for cancellation.
    @discardableResult
    func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }

    func crash() {
        guard !isDead else { return }
        isDead = true
        scheduler.drop(self)
        scheduler.record("host \(number) crashes")
        faults.onFault(self)
        onCrash()
    }

    /// Suspends the host while time goes on, as a garbage collection, a debugger or a live migration does.
    func freeze(for duration: Int64) {
        frozenUntil = max(frozenUntil, scheduler.now + duration)
        scheduler.record("host \(number) freezes for \(SimulationScheduler.seconds(duration)) s")
        // The timer makes the scheduler run again at the end of the freeze.
        scheduler.after(duration) {}
    }

    /// Ends a freeze immediately.
    func thaw() { frozenUntil = 0 }

    /// Calls a service outside the process.
    ///
    /// All calls out of the process use this function, which injects the faults.
    ///
    /// - Parameters:
    ///   - site: The kind of call.
    ///   - effect: The effect of the call, which takes place at one moment or not at all.
    /// - Returns: The result of the effect.
    /// - Throws: ``SimulatedFault`` when the call or its reply is lost, or any error of the effect.
    func call<Value: Sendable>(
        _ site: FaultSite, _ effect: @escaping () throws -> Value
    ) async throws -> Value {
        guard isCurrent else { throw SimulatedFault.escaped }
        return try await unsafe withUnsafeThrowingContinuation { (reply: UnsafeContinuation<Value, any Error>) in
            let fault = faults.draw(site, on: self)
            let (there, back) = faults.latency(site, fault)
            if fault == .slowReply { faults.waitsUntil[number] = scheduler.now + there + back }
            if fault == .crashBefore { return crash() }
            if fault == .errorBefore {
                return scheduler.after(there) { unsafe self.resume(reply, .failure(SimulatedFault.unavailable)) }
            }
            scheduler.after(there) {
                let result = Result { try effect() }
                if fault == .crashAfter { return self.crash() }
                self.scheduler.after(back) {
                    let isLost = fault == .errorAfter
                    unsafe self.resume(reply, isLost ? .failure(SimulatedFault.replyLost) : result)
                }
            }
        }
    }

    /// Whether the calling code runs on this host, and not on another thread or executor.
    var isCurrent: Bool {
        if scheduler.current === self { return true }
        faults.escapes += 1
        return false
    }

    private func resume<Value: Sendable>(
        _ reply: UnsafeContinuation<Value, any Error>, _ result: Result<Value, any Error>
    ) {
        if !isDead { unsafe reply.resume(with: result) }
    }
}

/// The error of a simulated call.
enum SimulatedFault: Error {
    /// The call had no effect.
    case unavailable
    /// The call had its effect, but its reply was lost.
    case replyLost
    /// The caller does not run on its host, so it has left the simulation.
    case escaped
}
