package import WebhookEvents

/// The decisions of a dispatcher, as a state machine without clock, store or transport.
///
/// The dispatcher calls ``next()``, performs the action, and reports its result. Finished work is reported before new
/// work is claimed, so a store that rejects writes is not asked for more.
package struct DispatcherState {
    package enum Action: Equatable {
        /// Claim deliveries.
        case claim(ClaimRequest)
        /// Settle these attempts.
        case settle([Settlement])
        /// Release these deliveries.
        case release([Release])
        /// Send this report in a separate task: its account is locked, or the store has refused it.
        case reportSeparately(DeferredReport)
        /// Wait for the inbox, and at most this long if there is a limit.
        case wait(Duration?)
        /// Make no calls to the store for this long, even if something arrives in the inbox.
        case backOff(Duration)
        /// Return; all work is done.
        case finish
    }

    /// The part of the dispatcher's capacity that a delivery in flight uses.
    package typealias Slot = ClaimRequest.Allowance.Size

    private static let shortestWait = Duration.milliseconds(10)
    /// How many reports one call takes, so that its transaction stays short for other callers of the store.
    private static let reportSize = 256
    /// How many calls in a row may fail before their reports are sent separately.
    private static let refusalAllowance = 3
    private let configuration: Dispatcher.Configuration
    private var shares: ClaimRequest.AccountShares
    private var retriesInFlight = 0
    /// The capacity used by endpoints not known to respond quickly, and by those among them known to be slow.
    private var (untried, slow) = (ClaimRequest.Room(count: 0, bytes: 0), ClaimRequest.Room(count: 0, bytes: 0))
    private var finished: [DeferredReports.Settled] = []
    private var unsent: [DeferredReports.Released] = []
    private var held = DeferredReports()
    private var answers: AcceptedReports
    /// How many reporting calls in a row have failed.
    private var refusals = 0
    private var mayClaim = true
    private var nextClaimIn: Duration
    private var failures = 0
    private var isBackingOff = false
    private var isStoreSlow = false
    private var isStopping = false

    /// Creates the state of a new dispatcher.
    ///
    /// - Parameters:
    ///   - configuration: The limits and timing of the dispatcher.
    ///   - router: The router from accounts to stores; `nil` for a single store.
    package init(_ configuration: Dispatcher.Configuration, router: (any AccountRouting)? = nil) {
        self.configuration = configuration
        self.answers = AcceptedReports(router)
        self.nextClaimIn = configuration.pollInterval
        self.shares = ClaimRequest.AccountShares(
            count: configuration.maximumInFlight, bytes: configuration.maximumBytesInFlight)
    }

    /// How many requests are in flight.
    package var requestsInFlight: Int { max(0, shares.used.count - finished.count - unsent.count - held.count) }

    /// How many requests are in flight; `nil` if reports are being sent to the store separately.
    package var requestsWaitedFor: Int? { held.isReporting ? nil : requestsInFlight }

    /// Whether requests are in flight.
    package var isSending: Bool { requestsInFlight > 0 }

    package func next() -> Action {
        if isStopping, !isSending, failures >= configuration.maximumSettleAttemptsAtShutdown { return .finish }
        if isBackingOff { return .backOff(backoff) }
        if !finished.isEmpty { return .settle(finished.prefix(Self.reportSize).map(\.settlement)) }
        if !unsent.isEmpty { return .release(unsent.prefix(Self.reportSize).map(\.release)) }
        if let report = held.next(limit: Self.reportSize, mayWait: !isStopping) { return .reportSeparately(report) }
        let retryIn = held.waits ? configuration.storeBackoff : nil
        if isStopping { return shares.used.count == 0 ? .finish : .wait(retryIn) }
        guard let request else { return .wait(retryIn) }
        return mayClaim ? .claim(request) : .wait(min(nextClaimIn, retryIn ?? nextClaimIn))
    }

    /// The claim that the free capacity allows; `nil` if there is none.
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

    /// Returns what is left of half or a quarter of the capacity.
    private func left(of divisor: Int, _ taken: ClaimRequest.Room) -> ClaimRequest.Room {
        ClaimRequest.Room(
            count: max(1, shares.capacity.count / divisor) - taken.count,
            bytes: max(1, shares.capacity.bytes / divisor) - taken.bytes)
    }

    /// Records the deliveries that a claim returned.
    ///
    /// If fewer were returned than requested, nothing else is due yet.
    package mutating func claimed(_ slots: [Slot], of asked: Int, nextDueIn: Duration?) {
        storeAnswered()
        for slot in slots { occupy(slot, 1) }
        mayClaim = slots.count == asked
        // If a store returns nothing but says that something is due now, it must not be polled in a busy loop.
        let soonest = slots.isEmpty ? Self.shortestWait : .zero
        nextClaimIn = min(max(nextDueIn ?? configuration.pollInterval, soonest), configuration.pollInterval)
    }

    /// Records a finished attempt; its slot stays in use until it is reported, which limits the reports in memory.
    package mutating func attemptFinished(_ settlement: Settlement, _ slot: Slot) {
        if held.holds(slot.accountID) { held.append((settlement, slot)) } else { finished.append((settlement, slot)) }
    }

    /// Records that a delivery was not sent, because its claim is too old or its webhook was stopped.
    ///
    /// If claims take too long (`isLate`), the dispatcher backs off after it has released the delivery.
    package mutating func attemptNotStarted(_ release: Release, _ slot: Slot, isLate: Bool) {
        if held.holds(slot.accountID) { held.append((release, slot)) } else { unsent.append((release, slot)) }
        if isLate { isStoreSlow = true }
    }

    /// Records that reports were stored.
    ///
    /// Their slots become free for new claims. Reports that were `busy` keep their slots and are sent separately.
    package mutating func settled(_ count: Int, busy: Set<Int> = []) {
        storeAnswered()
        refusals = 0
        for (place, report) in finished.prefix(count).enumerated() {
            if busy.contains(place) { held.append(report) } else { free(report.slot) }
        }
        finished.removeFirst(count)
        mayClaim = true
    }

    /// Records that deliveries were released.
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

    /// Records that a separate call for an account has started.
    package mutating func reportsSeparately(_ account: AccountID) {
        held.begun(account, taken: answers.taken(by: account))
    }

    /// Whether separate reports wait to be retried.
    package var hasReportsToRetry: Bool { held.waits }

    /// Allows separate reports to be retried, even while the dispatcher is busy.
    package mutating func retryReports() { held.retry() }

    /// Records that a separate call has ended.
    ///
    /// - Returns: The reports that are set aside, because the store refuses them while it accepts others.
    package mutating func reportedSeparately(_ outcome: DeferredReport.Outcome) -> [Lease] {
        if outcome.settled + outcome.released > 0 { answers.count(outcome.accountID) }
        let (slots, setAside) = held.ended(outcome, taken: answers.taken(by: outcome.accountID))
        for slot in slots { occupy(slot, -1) }
        if !slots.isEmpty { mayClaim = true }
        // A dispatcher that stops does not wait forever for a locked account.
        if isStopping, outcome.hasFailed { failures += 1 }
        return setAside
    }

    /// Records that a reporting call failed; after three in a row, their reports are sent separately.
    package mutating func reportsFailed() {
        storeFailed()
        refusals += 1
        guard refusals >= Self.refusalAllowance, !isStopping else { return }
        refusals = 0
        // The same reports that `next()` returned.
        if !finished.isEmpty {
            for report in finished.prefix(Self.reportSize) { held.append(refused: report) }
            finished.removeFirst(min(Self.reportSize, finished.count))
        } else {
            for report in unsent.prefix(Self.reportSize) { held.append(refused: report) }
            unsent.removeFirst(min(Self.reportSize, unsent.count))
        }
    }

    /// Records that a call of the store failed; its outcome is unknown, and it is safe to repeat.
    package mutating func storeFailed() {
        failures += 1
        isBackingOff = true
    }

    /// Records that a wait has ended.
    package mutating func timePassed() {
        held.retry()
        mayClaim = true
        isBackingOff = false
    }

    /// Allows a claim after an event was published; a backoff still runs to its end.
    package mutating func wokeUp() { mayClaim = true }

    /// Stops claiming; work in flight is finished.
    package mutating func stop() { isStopping = true }

    private mutating func occupy(_ slot: Slot, _ sign: Int) {
        if sign > 0 {
            shares.occupy(bytes: slot.bytes, for: slot.accountID)
        } else {
            shares.giveBack(bytes: slot.bytes, for: slot.accountID)
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
        answers.count(slot.accountID)
    }

    private mutating func storeAnswered() {
        failures = 0
        isBackingOff = false
    }

    private var backoff: Duration {
        min(configuration.storeBackoff * (1 << min(failures - 1, 10)), configuration.pollInterval)
    }
}
