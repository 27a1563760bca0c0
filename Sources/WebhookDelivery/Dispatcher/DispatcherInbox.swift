internal import Synchronization

/// What reaches a dispatcher from other tasks: finished attempts, wake-ups and the wish to stop.
final class DispatcherInbox: Sendable {
    struct Contents {
        var finished: [(settlement: Settlement, slot: DispatcherState.Slot)] = []
        var unsent: [(release: Release, slot: DispatcherState.Slot)] = []
        /// What came of calls for accounts that are held.
        var reportedBeside: [HeldReport.Outcome] = []
        /// Whether a delivery was not sent because its claim was too old.
        var isLate = false
        var isWoken = false
        var isStopping = false

        var isEmpty: Bool { finished.isEmpty && unsent.isEmpty && reportedBeside.isEmpty && !isWoken }
    }

    private struct State {
        var contents = Contents()
        var isRunning = false
        /// Whether the time of a wait may be over.
        var hasRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Marks the one dispatcher that reads from here as running; `false` when there is one already.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isRunning else { return false }
            // What a cancelled run left behind belongs to leases that it did not keep.
            state.contents = Contents(isStopping: state.contents.isStopping)
            state.isRunning = true
            return true
        }
    }

    func end() {
        state.withLock { $0.isRunning = false }
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

    func reportedBeside(_ outcome: HeldReport.Outcome) { change { $0.reportedBeside.append(outcome) } }

    func wake() { change { $0.isWoken = true } }

    /// Ends a wait, though nothing has come in.
    func ring() {
        state.withLock { $0.hasRung = true }
        resume()
    }

    /// Whether nothing has come in.
    var isEmpty: Bool { state.withLock { $0.contents.isEmpty } }

    func stop() {
        change {
            $0.isStopping = true
            $0.isWoken = true
        }
    }

    /// Takes everything that has come in.
    func take() -> Contents {
        state.withLock { state in
            defer { state.contents = Contents(isStopping: state.contents.isStopping) }
            return state.contents
        }
    }

    /// Returns when something has come in, an alarm has rung, or the task is cancelled.
    ///
    /// - Returns: Whether an alarm has rung since the wait before.
    func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
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
