internal import WebhookDelivery
internal import WebhookEvents

/// A clock whose wall time is wrong as the seed determines; its durations are exact.
final class HostClock: WebhookClock, @unchecked Sendable {
    private let scheduler: SimulationScheduler
    private let drift: Int64
    /// The offset of the wall clock in microseconds, without drift.
    var offset: Int64
    weak var host: SimulatedHost?

    /// - Parameters:
    ///   - scheduler: The run.
    ///   - offset: The offset of the wall clock, in microseconds.
    ///   - drift: How much faster the wall clock runs, in millionths.
    init(_ scheduler: SimulationScheduler, offset: Int64 = 0, drift: Int64 = 0) {
        self.scheduler = scheduler
        self.offset = offset
        self.drift = drift
    }

    var now: Timestamp {
        let elapsed = scheduler.now + scheduler.now / 1_000_000 * drift
        return Timestamp(microseconds: scheduler.epoch.microseconds + elapsed + offset)
    }

    var uptime: Duration { .microseconds(scheduler.now) }

    func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper()
        try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation { (wake: UnsafeContinuation<Void, any Error>) in
                guard !sleeper.isCancelled else { return unsafe wake.resume(throwing: CancellationError()) }
                unsafe sleeper.wake = wake
                scheduler.after(duration.wholeMicroseconds) { [weak host] in
                    if host?.isDead != true { sleeper.end(.success(())) }
                }
            }
        } onCancel: {
            sleeper.isCancelled = true
            sleeper.end(.failure(CancellationError()))
        }
    }
}

/// A waiting task, which is resumed once.
@safe final class Sleeper: @unchecked Sendable {
    var isCancelled = false
    var wake: UnsafeContinuation<Void, any Error>?

    func end(_ result: Result<Void, any Error>) {
        guard let wake = unsafe wake else { return }
        unsafe self.wake = nil
        unsafe wake.resume(with: result)
    }
}
