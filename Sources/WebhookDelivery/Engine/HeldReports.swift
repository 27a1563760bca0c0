package import WebhookEvents

/// The reports that cannot go with the others, one account at a time, beside everything else.
///
/// Those of accounts that another transaction holds wait here, so that such an account delays no other. So do those that the store
/// has refused three times, since a single report that it never takes would hold up all others. They are tried by account, and
/// then one by one. One that is refused alone while the store takes others is set aside.
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
    }

    /// How often a report was refused alone, and what the store had taken before the first time.
    private struct Refusals {
        var count = 0
        let taken: Int
    }

    /// How often a report may be refused alone.
    private static let refusalAllowance = 3

    private var accounts: [AccountID: Reports] = [:]
    /// The accounts, in the order of their turns.
    private var turns: [AccountID] = []
    private var refusals: [Lease: Refusals] = [:]
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
        keep(report.slot.account) { reports in
            reports.settled.append(report)
            reports.isRefused = true
        }
    }

    mutating func append(refused report: Released) {
        keep(report.slot.account) { reports in
            reports.released.append(report)
            reports.isRefused = true
        }
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
        let triesRefused = !refusedLately && !accounts.values.contains { $0.isRefused && $0.isUnderWay }
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
    mutating func begun(_ account: AccountID) { accounts[account]?.isUnderWay = true }

    /// A call has ended.
    ///
    /// - Parameters:
    ///   - outcome: What the store has taken; an account of which it took nothing waits until it is tried again.
    ///   - taken: What the store that the account lives in has taken by now: whether it takes anything shows in it.
    /// - Returns: The slots that are free, and the reports that are set aside.
    mutating func ended(
        _ outcome: HeldReport.Outcome, taken: Int
    ) -> (slots: [DispatcherState.Slot], setAside: [Lease]) {
        guard var reports = accounts[outcome.account] else { return ([], []) }
        var slots =
            reports.settled.prefix(outcome.settled).map(\.slot) + reports.released.prefix(outcome.released).map(\.slot)
        for report in reports.settled.prefix(outcome.settled) { refusals[report.settlement.lease] = nil }
        for report in reports.released.prefix(outcome.released) { refusals[report.release.lease] = nil }
        reports.settled.removeFirst(min(outcome.settled, reports.settled.count))
        reports.released.removeFirst(min(outcome.released, reports.released.count))
        (reports.isUnderWay, reports.hasFailed) = (false, outcome.hasFailed)
        var setAside: [Lease] = []
        if outcome.refusal != nil {
            refusedLately = true
            if let refused = refuse(&reports, taken: taken) {
                slots.append(refused.slot)
                setAside.append(refused.lease)
            }
        }
        let isDone = reports.settled.isEmpty && reports.released.isEmpty
        accounts[outcome.account] = isDone ? nil : reports
        turns.removeAll { $0 == outcome.account }
        if !isDone { turns.append(outcome.account) }
        return (slots, setAside)
    }

    /// Lets an account's reports go one by one, or counts what was refused alone; the others of the account get their turn.
    private mutating func refuse(
        _ reports: inout Reports, taken: Int
    ) -> (lease: Lease, slot: DispatcherState.Slot)? {
        defer { (reports.isRefused, reports.goesAlone) = (true, true) }
        guard reports.goesAlone || reports.settled.count + reports.released.count == 1 else { return nil }
        let first = reports.settled.first.map { ($0.settlement.lease, $0.slot) }
        guard let (lease, slot) = first ?? reports.released.first.map({ ($0.release.lease, $0.slot) }) else {
            return nil
        }
        var counted = refusals[lease] ?? Refusals(taken: taken)
        counted.count += 1
        let isSetAside = counted.count >= Self.refusalAllowance && taken > counted.taken
        refusals[lease] = isSetAside ? nil : counted
        if first != nil {
            let report = reports.settled.removeFirst()
            if !isSetAside { reports.settled.append(report) }
        } else {
            let report = reports.released.removeFirst()
            if !isSetAside { reports.released.append(report) }
        }
        return isSetAside ? (lease, slot) : nil
    }

    /// Lets the accounts be tried again whose calls have failed.
    mutating func retry() {
        refusedLately = false
        for account in turns { accounts[account]?.hasFailed = false }
    }
}

/// A call with the reports of one account.
package struct HeldReport: Sendable, Equatable {
    /// How the call ended.
    package struct Outcome: Sendable {
        package let account: AccountID
        /// How many settlements, and how many releases, the store has taken.
        package var (settled, released) = (0, 0)
        /// Whether some are left that the store did not take.
        package var hasFailed = false
        /// What the store threw, when it did.
        package var refusal: String?

        package init(account: AccountID) { self.account = account }
    }

    package let account: AccountID
    package let settlements: [Settlement]
    package let releases: [Release]
    package let mayWait: Bool
}
