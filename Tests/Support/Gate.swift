internal import Synchronization

/// A point at which tasks wait until it is opened.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var observers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Creates a closed gate.
    public init() {}

    /// Waits until the gate is open.
    public func pass() async {
        await withCheckedContinuation { continuation in
            let (isOpen, observers) = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                defer { state.observers = [] }
                return (state.isOpen, state.observers)
            }
            if isOpen { continuation.resume() }
            for observer in observers { observer.resume() }
        }
    }

    /// Returns as soon as a task waits at the gate.
    public func waitForWaiter() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.waiters.isEmpty { state.observers.append(continuation) }
                return !state.waiters.isEmpty
            }
            if isReady { continuation.resume() }
        }
    }

    /// Lets all tasks pass.
    public func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
