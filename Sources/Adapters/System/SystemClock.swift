public import WebhookEvents

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The operating system's clock; the library reads the time nowhere else.
public struct SystemClock: WebhookClock {
    /// Creates the clock.
    public init() {}

    /// The system's real-time clock.
    public var now: Timestamp { Timestamp(microseconds: read(CLOCK_REALTIME).wholeMicroseconds) }

    /// The system's monotonic clock.
    public var uptime: Duration { read(CLOCK_MONOTONIC) }

    /// Waits on the system's monotonic clock.
    ///
    /// - Parameter duration: How long to wait.
    /// - Throws: `CancellationError` if the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        guard duration > .zero else { return try Task.checkCancellation() }
        try await Task.sleep(for: duration)
    }

    private func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
