internal import WebhookEvents

/// The reports that must be sent separately, one account at a time, while the dispatcher continues.
///
/// Reports of accounts that another transaction has locked wait here, so that they delay no other account. So do
/// reports that the store has refused three times, because a single report that it never accepts would block all
/// others. Refused reports are retried by account and then one by one. A report that is refused several times on its
/// own, while the store accepts others, is set aside.
struct DeferredReports {
    typealias Settled = (settlement: Settlement, slot: DispatcherState.Slot)
    typealias Released = (release: Release, slot: DispatcherState.Slot)

    private struct Reports {
        var settled: [Settled] = []
        var released: [Released] = []
        /// Whether a call for the account is running, and whether the last one has just failed.
        var (isUnderWay, hasFailed) = (false, false)
        /// Whether the store has refused the reports, and not just been busy.
        var isRefused = false
        /// Whether the reports are sent one by one, after the store has refused them together.
        var goesAlone = false
        /// How many reports the store had accepted when the running call began.
        var takenAtBegin = 0
    }

    /// The most concurrent calls; when a store is down, this many calls wait for it.
    private static let maximumCalls = 64

    private var accounts: [AccountID: Reports] = [:]
    /// The accounts in the order of their turns.
    private var turns: [AccountID] = []
    private var refusals = UnstorableReports()
    /// Whether the store has just refused a report, so that other refused reports wait, too.
    private var refusedLately = false

    /// Whether reports wait until their call is retried.
    var waits: Bool { accounts.values.contains { $0.hasFailed || $0.isRefused && refusedLately } }
    /// The number of reports.
    var count: Int { accounts.values.reduce(0) { $0 + $1.settled.count + $1.released.count } }
    /// The accounts that another transaction has locked.
    var accountsHeld: Set<AccountID> { Set(turns.filter { accounts[$0]?.isRefused == false }) }

    /// Whether reports are being sent.
    var isReporting: Bool { accounts.values.contains(where: \.isUnderWay) }

    /// Returns whether reports of an account wait here; further ones must then wait here, too.
    func holds(_ account: AccountID) -> Bool { accounts[account] != nil }

    mutating func append(_ report: Settled) { keep(report.slot.accountID) { $0.settled.append(report) } }

    mutating func append(_ report: Released) { keep(report.slot.accountID) { $0.released.append(report) } }

    mutating func append(refused report: Settled) {
        append(report)
        accounts[report.slot.accountID]?.isRefused = true
    }

    mutating func append(refused report: Released) {
        append(report)
        accounts[report.slot.accountID]?.isRefused = true
    }

    private mutating func keep(_ account: AccountID, _ change: (inout Reports) -> Void) {
        if accounts[account] == nil { turns.append(account) }
        change(&accounts[account, default: Reports()])
    }

    /// Returns the next call to make.
    ///
    /// - Parameters:
    ///   - limit: The most settlements and the most releases of a call.
    ///   - mayWait: Whether the call may wait for the account's lock.
    /// - Returns: The call; `nil` if there is none to make now.
    func next(limit: Int, mayWait: Bool) -> DeferredReport? {
        // A store that is down refuses everything, so refused reports are retried with one call at a time.
        let inFlight = accounts.values.filter(\.isUnderWay)
        guard inFlight.count < Self.maximumCalls else { return nil }
        let triesRefused = !refusedLately && !inFlight.contains(where: \.isRefused)
        for account in turns {
            guard let reports = accounts[account], !reports.isUnderWay, !reports.hasFailed,
                triesRefused || !reports.isRefused
            else { continue }
            let settlements = reports.settled.prefix(reports.goesAlone ? 1 : limit).map(\.settlement)
            let goesAlone = reports.goesAlone && !settlements.isEmpty
            let releases = reports.released.prefix(goesAlone ? 0 : reports.goesAlone ? 1 : limit).map(\.release)
            return DeferredReport(accountID: account, settlements: settlements, releases: releases, mayWait: mayWait)
        }
        return nil
    }

    /// Records that a call for an account has started.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - taken: How many reports the account's store has accepted so far.
    mutating func begun(_ account: AccountID, taken: Int) {
        accounts[account]?.isUnderWay = true
        accounts[account]?.takenAtBegin = taken
    }

    /// Records that a call has ended.
    ///
    /// - Parameters:
    ///   - outcome: The outcome; an account whose call failed waits for its retry.
    ///   - taken: How many reports the account's store has accepted so far.
    /// - Returns: The slots that became free, and the reports that are set aside.
    mutating func ended(
        _ outcome: DeferredReport.Outcome, taken: Int
    ) -> (slots: [DispatcherState.Slot], setAside: [Lease]) {
        guard var reports = accounts[outcome.accountID] else { return ([], []) }
        let settled = Array(reports.settled.prefix(outcome.settled))
        let released = Array(reports.released.prefix(outcome.released))
        reports.settled.removeFirst(settled.count)
        reports.released.removeFirst(released.count)
        var slots = settled.map(\.slot) + released.map(\.slot)
        (reports.isUnderWay, reports.hasFailed) = (false, outcome.hasFailed)
        let leases = settled.map(\.settlement.lease) + released.map(\.release.lease)
        var setAside: [Lease] = []
        if outcome.isRefusal {
            refusedLately = true
            (reports.isRefused, reports.goesAlone) = (true, true)
            if let lease = outcome.alone, let slot = refuse(lease, &reports, taken: taken) {
                slots.append(slot)
                setAside.append(lease)
            }
        } else if !leases.isEmpty {
            store(hasTaken: leases, &reports)
        }
        let isDone = reports.settled.isEmpty && reports.released.isEmpty
        accounts[outcome.accountID] = isDone ? nil : reports
        turns.removeAll { $0 == outcome.accountID }
        if !isDone { turns.append(outcome.accountID) }
        return (slots, setAside)
    }

    /// Sends an account's reports together again, unless the store has refused one of the rest on its own.
    private mutating func store(hasTaken leases: [Lease], _ reports: inout Reports) {
        let left = reports.settled.map(\.settlement.lease) + reports.released.map(\.release.lease)
        let isSuspected = refusals.forget(leases, left: left)
        if !isSuspected { (reports.isRefused, reports.goesAlone) = (false, false) }
    }

    /// Counts the refusal of a single report, and moves the report behind the account's others.
    ///
    /// - Returns: The report's slot if the report is set aside.
    private mutating func refuse(_ lease: Lease, _ reports: inout Reports, taken: Int) -> DispatcherState.Slot? {
        let isSetAside = refusals.refuse(lease, takenAtBegin: reports.takenAtBegin, taken: taken)
        if let index = reports.settled.firstIndex(where: { $0.settlement.lease == lease }) {
            let report = reports.settled.remove(at: index)
            if isSetAside { return report.slot }
            reports.settled.append(report)
        } else if let index = reports.released.firstIndex(where: { $0.release.lease == lease }) {
            let report = reports.released.remove(at: index)
            if isSetAside { return report.slot }
            reports.released.append(report)
        }
        return nil
    }

    /// Allows failed calls to be retried.
    mutating func retry() {
        refusedLately = false
        for account in turns { accounts[account]?.hasFailed = false }
    }
}
