/// What a dispatcher does next: a state machine without clock, store or transport.
///
/// The shell asks ``next()``, does what it says, and tells what came of it. Work that is finished is reported before new
/// work is taken, so a store that cannot be written to is never asked for more.
package struct DispatcherState {
    package enum Action: Equatable {
        /// Ask the store for deliveries.
        case claim(ClaimRequest)
        /// Report these attempts to the store.
        case settle([Settlement])
        /// Give these deliveries back to the store.
        case release([Lease])
        /// Sleep until something comes in, and at most this long if there is a limit.
        case wait(Duration?)
        /// Leave the store alone for this long, whatever comes in meanwhile.
        case backOff(Duration)
        /// Everything is done.
        case finish
    }

    /// A delivery in flight: what it takes of the budgets.
    package struct Slot: Equatable, Sendable {
        package let isRetry: Bool
        package let bytes: Int

        package init(isRetry: Bool, bytes: Int) {
            self.isRetry = isRetry
            self.bytes = bytes
        }
    }

    private static let shortestWait = Duration.milliseconds(10)
    private let configuration: DispatcherConfiguration
    private var inFlight = 0
    private var retriesInFlight = 0
    private var bytesInFlight = 0
    private var finished: [(settlement: Settlement, slot: Slot)] = []
    private var unsent: [(lease: Lease, slot: Slot)] = []
    private var mayClaim = true
    private var nextClaimIn: Duration
    private var failures = 0
    private var isBackingOff = false
    private var isStoreSlow = false
    private var isStopping = false

    package init(_ configuration: DispatcherConfiguration) {
        self.configuration = configuration
        self.nextClaimIn = configuration.pollInterval
    }

    package func next() -> Action {
        let isSending = inFlight > finished.count + unsent.count
        if isStopping, !isSending, failures >= configuration.settleTriesWhenStopping { return .finish }
        if isBackingOff { return .backOff(backoff) }
        if !finished.isEmpty { return .settle(finished.map(\.settlement)) }
        if !unsent.isEmpty { return .release(unsent.map(\.lease)) }
        if isStopping { return inFlight == 0 ? .finish : .wait(nil) }
        guard let request else { return .wait(nil) }
        return mayClaim ? .claim(request) : .wait(nextClaimIn)
    }

    /// What there is room for; `nil` when there is none.
    private var request: ClaimRequest? {
        let free = configuration.maximumInFlight - inFlight
        let bytes = configuration.maximumBytesInFlight - bytesInFlight
        guard free > 0, bytes > 0 else { return nil }
        let retries = configuration.maximumInFlight - configuration.firstAttemptSlots - retriesInFlight
        return ClaimRequest(
            count: free, retries: max(0, min(free, retries)), bytes: bytes, rules: configuration.rules)
    }

    /// The store gave these deliveries.
    ///
    /// Fewer than asked for means that no more are due for now.
    package mutating func claimed(_ slots: [Slot], of asked: Int, nextDueIn: Duration?) {
        storeAnswered()
        for slot in slots { occupy(slot, 1) }
        mayClaim = slots.count == asked
        // A store that gives nothing and says "now" must not be asked without end.
        let soonest = slots.isEmpty ? Self.shortestWait : .zero
        nextClaimIn = min(max(nextDueIn ?? configuration.pollInterval, soonest), configuration.pollInterval)
    }

    /// An attempt ended; its slot stays taken until the store has the report, which bounds the reports in memory.
    package mutating func attemptFinished(_ settlement: Settlement, _ slot: Slot) {
        finished.append((settlement, slot))
    }

    /// A delivery was not sent: its claim is too old, or its webhook was stopped.
    ///
    /// When claims take too long (`isLate`), the store gets time once it has this back.
    package mutating func attemptNotStarted(_ lease: Lease, _ slot: Slot, isLate: Bool) {
        unsent.append((lease, slot))
        if isLate { isStoreSlow = true }
    }

    /// The store has these reports.
    ///
    /// A slot is free, and the webhook it was for may have more.
    package mutating func settled(_ count: Int) {
        storeAnswered()
        for (_, slot) in finished.prefix(count) { occupy(slot, -1) }
        finished.removeFirst(count)
        mayClaim = true
    }

    /// The store has these deliveries back.
    package mutating func released(_ count: Int) {
        storeAnswered()
        for (_, slot) in unsent.prefix(count) { occupy(slot, -1) }
        unsent.removeFirst(count)
        mayClaim = true
        if isStoreSlow, !isStopping { storeFailed() }
        isStoreSlow = false
    }

    /// A call of the store failed; nobody knows whether it had its effect, and repeating it is safe.
    package mutating func storeFailed() {
        failures += 1
        isBackingOff = true
    }

    /// The time to wait is over.
    package mutating func timePassed() {
        mayClaim = true
        isBackingOff = false
    }

    /// Somebody published; a store that is in trouble gets its time nevertheless.
    package mutating func wokeUp() { mayClaim = true }

    /// No more claims; what is in flight is brought to its end.
    package mutating func stop() { isStopping = true }

    private mutating func occupy(_ slot: Slot, _ sign: Int) {
        inFlight += sign
        bytesInFlight += sign * slot.bytes
        if slot.isRetry { retriesInFlight += sign }
    }

    private mutating func storeAnswered() {
        failures = 0
        isBackingOff = false
    }

    private var backoff: Duration {
        min(configuration.storeBackoff * (1 << min(failures - 1, 10)), configuration.pollInterval)
    }
}
