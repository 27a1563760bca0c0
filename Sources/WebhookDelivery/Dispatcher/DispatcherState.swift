package import WebhookEvents

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
        case release([Release])
        /// Report these to the store in a task beside: their account is held, or the store has refused them.
        case reportBeside(HeldReport)
        /// Sleep until something comes in, and at most this long if there is a limit.
        case wait(Duration?)
        /// Leave the store alone for this long, whatever comes in meanwhile.
        case backOff(Duration)
        /// Everything is done.
        case finish
    }

    /// What a delivery in flight takes of the budgets.
    package typealias Slot = ClaimAllowance.Size

    private static let shortestWait = Duration.milliseconds(10)
    /// How many reports go to the store at once: other calls of the store wait for no longer transaction.
    private static let reportSize = 256
    /// How often reports are refused before they are tried beside the others.
    private static let refusalAllowance = 3
    private let configuration: DispatcherConfiguration
    private var shares: AccountShares
    private var retriesInFlight = 0
    /// What endpoints have that are not known to answer soon, and what those have among them that are known to be slow.
    private var (untried, slow) = (ClaimRequest.Room(count: 0, bytes: 0), ClaimRequest.Room(count: 0, bytes: 0))
    private var finished: [HeldReports.Settled] = []
    private var unsent: [HeldReports.Released] = []
    private var held = HeldReports()
    private var answers: StoreAnswers
    /// How often in a row the store has refused reports.
    private var refusals = 0
    private var mayClaim = true
    private var nextClaimIn: Duration
    private var failures = 0
    private var isBackingOff = false
    private var isStoreSlow = false
    private var isStopping = false

    /// Creates the state of a dispatcher that has done nothing.
    ///
    /// - Parameters:
    ///   - configuration: How much to do at once.
    ///   - router: Which of several stores an account lives in; one store without it.
    package init(_ configuration: DispatcherConfiguration, router: (any AccountRouting)? = nil) {
        self.configuration = configuration
        self.answers = StoreAnswers(router)
        self.nextClaimIn = configuration.pollInterval
        self.shares = AccountShares(
            count: configuration.maximumInFlight, bytes: configuration.maximumBytesInFlight)
    }

    /// Whether requests are in flight.
    package var isSending: Bool { shares.used.count > finished.count + unsent.count + held.count }

    package func next() -> Action {
        if isStopping, !isSending, failures >= configuration.settleTriesWhenStopping { return .finish }
        if isBackingOff { return .backOff(backoff) }
        if !finished.isEmpty { return .settle(finished.prefix(Self.reportSize).map(\.settlement)) }
        if !unsent.isEmpty { return .release(unsent.prefix(Self.reportSize).map(\.release)) }
        if let report = held.next(limit: Self.reportSize, mayWait: !isStopping) { return .reportBeside(report) }
        let retryIn = held.waits ? configuration.storeBackoff : nil
        if isStopping { return shares.used.count == 0 ? .finish : .wait(retryIn) }
        guard let request else { return .wait(retryIn) }
        return mayClaim ? .claim(request) : .wait(min(nextClaimIn, retryIn ?? nextClaimIn))
    }

    /// What there is room for; `nil` when there is none.
    private var request: ClaimRequest? {
        let free = shares.free
        guard free.count > 0, free.bytes > 0 else { return nil }
        let count = min(free.count, configuration.maximumClaim)
        let retries = configuration.maximumInFlight - configuration.firstAttemptSlots - retriesInFlight
        var request = ClaimRequest(count: count, retries: max(0, min(count, retries)), rules: configuration.rules)
        request.shares = shares
        request.held = held.accountsHeld
        request.untried = left(of: 2, untried)
        request.slow = left(of: 4, slow)
        return request
    }

    /// What is left of a half or a quarter of the worker.
    private func left(of divisor: Int, _ taken: ClaimRequest.Room) -> ClaimRequest.Room {
        ClaimRequest.Room(
            count: max(1, shares.capacity.count / divisor) - taken.count,
            bytes: max(1, shares.capacity.bytes / divisor) - taken.bytes)
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
        if held.holds(slot.account) { held.append((settlement, slot)) } else { finished.append((settlement, slot)) }
    }

    /// A delivery was not sent: its claim is too old, or its webhook was stopped.
    ///
    /// When claims take too long (`isLate`), the store gets time once it has this back.
    package mutating func attemptNotStarted(_ release: Release, _ slot: Slot, isLate: Bool) {
        if held.holds(slot.account) { held.append((release, slot)) } else { unsent.append((release, slot)) }
        if isLate { isStoreSlow = true }
    }

    /// The store has these reports.
    ///
    /// A slot is free, and the webhook it was for may have more. Those that were `busy` keep theirs, and go on their own.
    package mutating func settled(_ count: Int, busy: Set<Int> = []) {
        storeAnswered()
        refusals = 0
        for (place, report) in finished.prefix(count).enumerated() {
            if busy.contains(place) { held.append(report) } else { free(report.slot) }
        }
        finished.removeFirst(count)
        mayClaim = true
    }

    /// The store has these deliveries back.
    package mutating func released(_ count: Int, busy: Set<Int> = []) {
        storeAnswered()
        refusals = 0
        for (place, report) in unsent.prefix(count).enumerated() {
            if busy.contains(place) { held.append(report) } else { free(report.slot) }
        }
        unsent.removeFirst(count)
        mayClaim = true
        if isStoreSlow, !isStopping { storeFailed() }
        isStoreSlow = false
    }

    /// A call for an account that is held is under way.
    package mutating func reportsBeside(_ account: AccountID) {
        held.begun(account, taken: answers.taken(by: account))
    }

    /// Whether reports beside the others wait until they are tried again.
    package var hasReportsToRetry: Bool { held.waits }

    /// Tries reports again that wait beside the others, also while there is much else to do.
    package mutating func retryReports() { held.retry() }

    /// A call beside has ended.
    ///
    /// - Returns: The reports that are set aside: the store refuses them, and takes others.
    package mutating func reportedBeside(_ outcome: HeldReport.Outcome) -> [Lease] {
        if outcome.settled + outcome.released > 0 { answers.count(outcome.account) }
        let (slots, setAside) = held.ended(outcome, taken: answers.taken(by: outcome.account))
        for slot in slots { occupy(slot, -1) }
        if !slots.isEmpty { mayClaim = true }
        // A dispatcher that stops does not wait for ever for an account that is held.
        if isStopping, outcome.hasFailed { failures += 1 }
        return setAside
    }

    /// The store refused reports, or did not answer; after three times in a row they are tried beside the others.
    package mutating func reportsFailed() {
        storeFailed()
        refusals += 1
        guard refusals >= Self.refusalAllowance, !isStopping else { return }
        refusals = 0
        // As `next()` had them reported.
        if !finished.isEmpty {
            for report in finished.prefix(Self.reportSize) { held.append(refused: report) }
            finished.removeFirst(min(Self.reportSize, finished.count))
        } else {
            for report in unsent.prefix(Self.reportSize) { held.append(refused: report) }
            unsent.removeFirst(min(Self.reportSize, unsent.count))
        }
    }

    /// A call of the store failed; nobody knows whether it had its effect, and repeating it is safe.
    package mutating func storeFailed() {
        failures += 1
        isBackingOff = true
    }

    /// The time to wait is over.
    package mutating func timePassed() {
        held.retry()
        mayClaim = true
        isBackingOff = false
    }

    /// Somebody published; a store that is in trouble gets its time nevertheless.
    package mutating func wokeUp() { mayClaim = true }

    /// No more claims; what is in flight is brought to its end.
    package mutating func stop() { isStopping = true }

    private mutating func occupy(_ slot: Slot, _ sign: Int) {
        if sign > 0 {
            shares.occupy(bytes: slot.bytes, for: slot.account)
        } else {
            shares.giveBack(bytes: slot.bytes, for: slot.account)
        }
        if slot.isRetry { retriesInFlight += sign }
        if slot.pace != .quick {
            untried.count += sign
            untried.bytes += sign * slot.bytes
        }
        if slot.pace == .slow {
            slow.count += sign
            slow.bytes += sign * slot.bytes
        }
    }

    private mutating func free(_ slot: Slot) {
        occupy(slot, -1)
        answers.count(slot.account)
    }

    private mutating func storeAnswered() {
        failures = 0
        isBackingOff = false
    }

    private var backoff: Duration {
        min(configuration.storeBackoff * (1 << min(failures - 1, 10)), configuration.pollInterval)
    }
}
