internal import WebhookDelivery
internal import WebhookEvents

/// One process on one machine: it runs until it crashes, and then never again.
///
/// A crash is what a power failure is: its jobs are forgotten where they stood, no `defer` and no `catch` runs. A process that
/// starts again is a new host.
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

    /// Starts something on this host.
    ///
    /// - Returns: The task, to be cancelled.
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

    /// Stops for a while, as a garbage collection, a debugger or a live migration does; time goes on.
    func freeze(for duration: Int64) {
        frozenUntil = max(frozenUntil, scheduler.now + duration)
        scheduler.record("host \(number) freezes for \(SimulationScheduler.seconds(duration)) s")
        // Something must happen when it is over.
        scheduler.after(duration) {}
    }

    /// Goes on at once.
    func thaw() { frozenUntil = 0 }

    /// Calls something outside the process: the only way out of it, and the place where faults are.
    ///
    /// - Parameters:
    ///   - site: What is called.
    ///   - effect: What the call does; it happens at one moment, if it happens.
    /// - Returns: The effect's result, unless the reply gets lost.
    /// - Throws: ``SimulatedFault``, or what the effect throws.
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

    /// Whether the code that asks runs on this host, and not on some other thread or executor.
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

/// What simulated calls throw.
enum SimulatedFault: Error {
    /// The call had no effect.
    case unavailable
    /// The call had its effect, and nobody heard of it.
    case replyLost
    /// The caller does not run on its host: it has left the simulation.
    case escaped
}
