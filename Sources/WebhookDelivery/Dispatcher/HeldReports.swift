internal import WebhookEvents

/// The reports that cannot go with the others, one account at a time, beside everything else.
///
/// Those of accounts that another transaction holds wait here, so that such an account delays no other. So do those that the store
/// has refused three times, since a single report that it never takes would hold up all others. They are tried by account, and
/// then one by one. One that is refused alone again and again, while the store takes others, is set aside.
struct HeldReports {
    typealias Settled = (settlement: Settlement, slot: DispatcherState.Slot)
    typealias Released = (release: Release, slot: DispatcherState.Slot)

    private struct Reports {
        var settled: [Settled] = []
        var released: [Released] = []
        /// Whether a call for the account is under way, or has failed a moment ago.
        var (isUnderWay, hasFailed) = (false, false)
        /// Whether the store has refused them, rather than asked to wait.
        var isRefused = false
        /// Whether they are tried one by one, after the store has refused them together.
        var goesAlone = false
        /// What the store had taken when the call under way began.
        var takenAtBegin = 0
    }

    /// The most calls at once: a store that is down has as many that wait for it.
    private static let maximumCalls = 64

    private var accounts: [AccountID: Reports] = [:]
    /// The accounts, in the order of their turns.
    private var turns: [AccountID] = []
    private var refusals = ReportRefusals()
    /// Whether the store has refused a report a moment ago, so that others that it has refused wait as well.
    private var refusedLately = false

    /// Whether the reports of some account wait until their call is repeated.
    var waits: Bool { accounts.values.contains { $0.hasFailed || $0.isRefused && refusedLately } }
    /// How many there are.
    var count: Int { accounts.values.reduce(0) { $0 + $1.settled.count + $1.released.count } }
    /// The accounts that another transaction holds.
    var accountsHeld: Set<AccountID> { Set(turns.filter { accounts[$0]?.isRefused == false }) }

    /// Whether an account's reports are here, so that its further ones wait here as well.
    func holds(_ account: AccountID) -> Bool { accounts[account] != nil }

    mutating func append(_ report: Settled) { keep(report.slot.account) { $0.settled.append(report) } }

    mutating func append(_ report: Released) { keep(report.slot.account) { $0.released.append(report) } }

    mutating func append(refused report: Settled) {
        append(report)
        accounts[report.slot.account]?.isRefused = true
    }

    mutating func append(refused report: Released) {
        append(report)
        accounts[report.slot.account]?.isRefused = true
    }

    private mutating func keep(_ account: AccountID, _ change: (inout Reports) -> Void) {
        if accounts[account] == nil { turns.append(account) }
        change(&accounts[account, default: Reports()])
    }

    /// The next account's reports that may go to the store.
    ///
    /// - Parameters:
    ///   - limit: The most reports of a kind.
    ///   - mayWait: Whether the call may wait for the account.
    /// - Returns: The call; `nil` when there is none to make now.
    func next(limit: Int, mayWait: Bool) -> HeldReport? {
        // A store that is down refuses everything: it is asked by one call at a time.
        let underWay = accounts.values.filter(\.isUnderWay)
        guard underWay.count < Self.maximumCalls else { return nil }
        let triesRefused = !refusedLately && !underWay.contains(where: \.isRefused)
        for account in turns {
            guard let reports = accounts[account], !reports.isUnderWay, !reports.hasFailed,
                triesRefused || !reports.isRefused
            else { continue }
            let settlements = reports.settled.prefix(reports.goesAlone ? 1 : limit).map(\.settlement)
            let goesAlone = reports.goesAlone && !settlements.isEmpty
            let releases = reports.released.prefix(goesAlone ? 0 : reports.goesAlone ? 1 : limit).map(\.release)
            return HeldReport(account: account, settlements: settlements, releases: releases, mayWait: mayWait)
        }
        return nil
    }

    /// A call for an account is under way.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - taken: How many reports the account's store has taken by now.
    mutating func begun(_ account: AccountID, taken: Int) {
        accounts[account]?.isUnderWay = true
        accounts[account]?.takenAtBegin = taken
    }

    /// A call has ended.
    ///
    /// - Parameters:
    ///   - outcome: What the store has taken; an account of which it took nothing waits until it is tried again.
    ///   - taken: How many reports the account's store has taken by now.
    /// - Returns: The slots that are free, and the reports that are set aside.
    mutating func ended(
        _ outcome: HeldReport.Outcome, taken: Int
    ) -> (slots: [DispatcherState.Slot], setAside: [Lease]) {
        guard var reports = accounts[outcome.account] else { return ([], []) }
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
        accounts[outcome.account] = isDone ? nil : reports
        turns.removeAll { $0 == outcome.account }
        if !isDone { turns.append(outcome.account) }
        return (slots, setAside)
    }

    /// Lets an account's reports go together again, unless one of them is still suspected.
    private mutating func store(hasTaken leases: [Lease], _ reports: inout Reports) {
        let left = reports.settled.map(\.settlement.lease) + reports.released.map(\.release.lease)
        let isSuspected = refusals.forget(leases, left: left)
        if !isSuspected { (reports.isRefused, reports.goesAlone) = (false, false) }
    }

    /// Counts a report that was refused alone; the others of its account get their turn.
    ///
    /// - Returns: The report's slot, when it is set aside.
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

    /// Lets the accounts be tried again whose calls have failed.
    mutating func retry() {
        refusedLately = false
        for account in turns { accounts[account]?.hasFailed = false }
    }
}
