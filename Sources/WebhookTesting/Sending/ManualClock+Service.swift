internal import Synchronization
public import WebhookDelivery

extension ManualClock {
    /// Runs a service in virtual time until no delivery is open.
    ///
    /// ```swift
    /// try await clock.run(service)
    /// let attempts = try await service.deliveries(Delivery.Query(accountID: "acc_123"))[0].attempts
    /// let waits = zip(attempts, attempts.dropFirst()).map { $1.startedAt - $0.endedAt }
    /// ```
    ///
    /// - Parameters:
    ///   - service: The service; its store and its transport must use this clock.
    ///   - limit: The virtual time after which the call fails.
    /// - Throws: ``VirtualTimeError``; errors of the service.
    public func run(_ service: WebhookService, within limit: Duration = .seconds(30 * 86_400)) async throws {
        try await run(service, until: { try await service.deliveryCounts().open == 0 }, within: limit)
    }

    /// Runs a service in virtual time for a duration.
    ///
    /// Requests that are in flight at the end are completed, which may take longer.
    ///
    /// - Parameters:
    ///   - service: The service; its store and its transport must use this clock.
    ///   - duration: The virtual time to run.
    /// - Throws: ``VirtualTimeError``; errors of the service.
    public func run(_ service: WebhookService, for duration: Duration) async throws {
        let end = uptime + duration
        try await drive(service) {
            guard uptime < end else { return nil }
            return min(timeUntilNextWake ?? end - uptime, end - uptime)
        }
    }

    /// Runs a service in virtual time until a condition holds.
    ///
    /// A request's script may sleep on this clock, once at a time, and must end when its task is cancelled. The clock
    /// advances to the next moment at which a task wakes, but only while all tasks of the service sleep. So
    /// no attempt is overtaken by the clock, and equal runs have equal times.
    ///
    /// - Parameters:
    ///   - service: The service; its store and its transport must use this clock.
    ///   - condition: Checked before each step, while nothing else happens.
    ///   - limit: The virtual time after which the call fails.
    /// - Throws: ``VirtualTimeError`` if the condition does not hold in time, or can no longer be reached; errors of the
    ///   condition and of the service.
    public func run(
        _ service: WebhookService, until condition: () async throws -> Bool,
        within limit: Duration = .seconds(30 * 86_400)
    ) async throws {
        let end = uptime + limit
        try await drive(service) {
            if try await condition() { return nil }
            // The condition may have published something.
            try await untilAllSleep(service)
            guard let step = timeUntilNextWake else { throw VirtualTimeError.stalled }
            guard uptime + step <= end else { throw VirtualTimeError.limitReached(limit) }
            return step
        }
    }

    /// Runs a service, and advances the clock by the steps that a closure returns, until it returns `nil`.
    private func drive(_ service: WebhookService, next: () async throws -> Duration?) async throws {
        let end = End()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { end.hasCome = true }
                try await Self.$isOfService.withValue(true) { try await service.run() }
            }
            try await untilAllSleep(service) { end.hasCome }
            while !end.hasCome, let step = try await next() {
                advance(by: step)
                try await untilAllSleep(service) { end.hasCome }
            }
            if !end.hasCome { service.stopOnce() }
            try await untilAllSleep(service) { end.hasCome }
            // Requests that are in flight sleep as well, and end before the service does.
            while !end.hasCome {
                guard let step = timeUntilNextWake else { throw VirtualTimeError.stalled }
                advance(by: step)
                try await untilAllSleep(service) { end.hasCome }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until the dispatcher and all requests in flight sleep on this clock, or the service has ended.
    private func untilAllSleep(_ service: WebhookService, orEnded hasEnded: () -> Bool = { false }) async throws {
        for _ in 0..<Self.maximumYields {
            await Task.yield()
            if hasEnded() { return }
            guard let expected = service.expectedSleepers, sleepersOfService >= expected.count else { continue }
            // The numbers belong together only if the dispatcher has not worked in between.
            if let now = service.expectedSleepers, now == expected { return }
        }
        throw VirtualTimeError.busy
    }

    /// How often a run yields to the service's tasks before it gives up: some seconds of real time, more than a test's own
    /// work between two moments of virtual time.
    @TaskLocal package static var maximumYields = 20_000_000
}

/// Whether a run has ended.
private final class End: Sendable {
    private let state = Mutex(false)

    var hasCome: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
