internal import Synchronization

/// The messages to a dispatcher from other tasks: finished attempts, wake-ups and the request to stop.
final class DispatcherInbox: Sendable {
    struct Contents {
        var finished: [(settlement: Settlement, slot: DispatcherState.Slot)] = []
        var unsent: [(release: Release, slot: DispatcherState.Slot)] = []
        /// The outcomes of separate report calls.
        var reportedSeparately: [DeferredReport.Outcome] = []
        /// Whether a delivery was not sent because its claim was too old.
        var isLate = false
        var isWoken = false
        var isStopping = false

        var isEmpty: Bool { finished.isEmpty && unsent.isEmpty && reportedSeparately.isEmpty && !isWoken }
    }

    private struct State {
        var contents = Contents()
        var isRunning = false
        /// Whether an alarm has rung since the last wait.
        var hasRung = false
        var waiter: CheckedContinuation<Void, Never>?
        /// How many requests are in flight during the current wait; `nil` if the store is being called as well.
        var requestsInFlight: Int?
        /// The number of waits so far.
        var waits = 0
        /// Whether the stop is for one run only.
        var stopsOnce = false
        /// How many alarms sleep, or are about to.
        var alarms = 0
    }

    private let state = Mutex(State())

    /// Marks the dispatcher as running; returns `false` if it is already running.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isRunning else { return false }
            // Reports that a cancelled run left behind are obsolete, because their leases are expiring.
            state.contents = Contents(isStopping: state.contents.isStopping)
            state.isRunning = true
            return true
        }
    }

    func end() {
        state.withLock { state in
            state.isRunning = false
            if state.stopsOnce { (state.contents.isStopping, state.stopsOnce) = (false, false) }
        }
    }

    func attemptFinished(_ settlement: Settlement, _ slot: DispatcherState.Slot) {
        change { $0.finished.append((settlement, slot)) }
    }

    func attemptNotStarted(_ release: Release, _ slot: DispatcherState.Slot, isLate: Bool) {
        change { contents in
            contents.unsent.append((release, slot))
            if isLate { contents.isLate = true }
        }
    }

    func reportedSeparately(_ outcome: DeferredReport.Outcome) { change { $0.reportedSeparately.append(outcome) } }

    func wake() { change { $0.isWoken = true } }

    /// Ends a wait even though the inbox is empty.
    func ring() {
        state.withLock { state in
            state.alarms -= 1
            state.hasRung = true
        }
        resume()
    }

    /// Whether the inbox is empty.
    var isEmpty: Bool { state.withLock { $0.contents.isEmpty } }

    func stop() {
        change {
            $0.isStopping = true
            $0.isWoken = true
        }
    }

    /// Stops the current run, after which another one may begin.
    func stopOnce() {
        state.withLock { state in state.stopsOnce = !state.contents.isStopping }
        stop()
    }

    /// Takes the contents out of the inbox.
    func take() -> Contents {
        state.withLock { state in
            defer { state.contents = Contents(isStopping: state.contents.isStopping) }
            return state.contents
        }
    }

    /// The number of tasks that sleep if the dispatcher waits for nothing but the clock, and the number of the wait; `nil`
    /// while it is working.
    ///
    /// One task per alarm sleeps, and one per request in flight whose transport sleeps.
    var expectedSleepers: (count: Int, wait: Int)? {
        state.withLock { state in
            guard state.waiter != nil, state.contents.isEmpty, !state.hasRung, let requests = state.requestsInFlight
            else {
                return nil
            }
            return (requests + state.alarms, state.waits)
        }
    }

    func alarmBegins() { state.withLock { $0.alarms += 1 } }

    /// Waits until the inbox is not empty, an alarm rings, or the task is cancelled.
    ///
    /// - Parameter requestsInFlight: How many requests are in flight; `nil` if the store is being called as well.
    /// - Returns: Whether an alarm has rung since the previous wait.
    func wait(requestsInFlight: Int?) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    state.requestsInFlight = requestsInFlight
                    state.waits &+= 1
                    guard state.contents.isEmpty, !state.hasRung, !Task.isCancelled else { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            resume()
        }
        return state.withLock { state in
            defer { state.hasRung = false }
            return state.hasRung
        }
    }

    private func change(_ body: (inout Contents) -> Void) {
        state.withLock { body(&$0.contents) }
        resume()
    }

    private func resume() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
