/// What a dispatcher does next: a state machine without clock, store or transport.
///
/// The shell asks ``next()``, does what it says, and tells what came of it. Work that is finished is reported before new
/// work is taken, so a store that cannot be written to is never asked for more.
package struct DispatcherState {
    package enum Action: Equatable {
        /// Ask the store for at most this many deliveries.
        case claim(Int)
        /// Report these attempts to the store.
        case settle([Settlement])
        /// Give these deliveries back to the store.
        case release([Lease])
        /// Sleep until something happens, at most this long.
        case wait(Duration)
        /// Everything is done.
        case finish
    }

    private let configuration: DispatcherConfiguration
    private var inFlight = 0
    private var finished: [Settlement] = []
    private var unsent: [Lease] = []
    private var mayClaim = true
    private var nextClaimIn: Duration
    private var failures = 0
    private var isBackingOff = false
    private var isStopping = false

    package init(_ configuration: DispatcherConfiguration) {
        self.configuration = configuration
        self.nextClaimIn = configuration.pollInterval
    }

    package func next() -> Action {
        let isSending = inFlight > finished.count + unsent.count
        if isStopping, !isSending, failures >= configuration.settleTriesWhenStopping { return .finish }
        if isBackingOff { return .wait(backoff) }
        if !finished.isEmpty { return .settle(finished) }
        if !unsent.isEmpty { return .release(unsent) }
        if isStopping { return inFlight == 0 ? .finish : .wait(configuration.pollInterval) }
        let free = configuration.maximumInFlight - inFlight
        if mayClaim, free > 0 { return .claim(free) }
        return .wait(free > 0 ? nextClaimIn : configuration.pollInterval)
    }

    /// The store gave this many deliveries.
    ///
    /// Fewer than asked for means that no more are due for now.
    package mutating func claimed(_ count: Int, of asked: Int, nextDueIn: Duration?) {
        storeAnswered()
        inFlight += count
        mayClaim = count == asked
        nextClaimIn = min(nextDueIn ?? configuration.pollInterval, configuration.pollInterval)
    }

    /// An attempt ended; its slot stays taken until the store has the report, which bounds the reports in memory.
    package mutating func attemptFinished(_ settlement: Settlement) { finished.append(settlement) }

    /// A delivery was claimed too long ago to be sent.
    package mutating func attemptNotStarted(_ lease: Lease) { unsent.append(lease) }

    /// The store has these reports.
    ///
    /// A slot is free, and the webhook it was for may have more.
    package mutating func settled(_ count: Int) {
        storeAnswered()
        finished.removeFirst(count)
        inFlight -= count
        mayClaim = true
    }

    /// The store has these deliveries back: it was too slow for them, and gets time.
    package mutating func released(_ count: Int) {
        storeAnswered()
        unsent.removeFirst(count)
        inFlight -= count
        mayClaim = true
        if !isStopping { storeFailed() }
    }

    /// A call of the store failed; nobody knows whether it had its effect, and repeating it is safe.
    package mutating func storeFailed() {
        failures += 1
        isBackingOff = true
    }

    /// Time has passed, or somebody published.
    package mutating func wokeUp() {
        mayClaim = true
        isBackingOff = false
    }

    /// No more claims; what is in flight is brought to its end.
    package mutating func stop() { isStopping = true }

    private mutating func storeAnswered() {
        failures = 0
        isBackingOff = false
    }

    private var backoff: Duration {
        min(configuration.storeBackoff * (1 << min(failures - 1, 10)), configuration.pollInterval)
    }
}
