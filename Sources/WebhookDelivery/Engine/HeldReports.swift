package import WebhookEvents

/// The reports of accounts that another transaction holds.
///
/// They wait in the store one account at a time, beside everything else, so that an account that is held delays no other.
struct HeldReports {
    typealias Settled = (settlement: Settlement, slot: DispatcherState.Slot)
    typealias Released = (release: Release, slot: DispatcherState.Slot)

    private struct Reports {
        var settled: [Settled] = []
        var released: [Released] = []
        /// Whether a call for the account is under way, or has failed a moment ago.
        var (isUnderWay, hasFailed) = (false, false)
    }

    private var accounts: [AccountID: Reports] = [:]
    /// The accounts, in the order of their turns.
    private var turns: [AccountID] = []

    /// Whether the reports of some account wait until their call is repeated.
    var waits: Bool { accounts.values.contains(where: \.hasFailed) }
    /// How many there are.
    var count: Int { accounts.values.reduce(0) { $0 + $1.settled.count + $1.released.count } }
    /// The accounts that are held.
    var accountsHeld: Set<AccountID> { Set(turns) }

    /// Whether an account is held, so that its further reports wait here as well.
    func holds(_ account: AccountID) -> Bool { accounts[account] != nil }

    mutating func append(_ report: Settled) { keep(report.slot.account) { $0.settled.append(report) } }

    mutating func append(_ report: Released) { keep(report.slot.account) { $0.released.append(report) } }

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
        for account in turns {
            guard let reports = accounts[account], !reports.isUnderWay, !reports.hasFailed else { continue }
            return HeldReport(
                account: account, settlements: reports.settled.prefix(limit).map(\.settlement),
                releases: reports.released.prefix(limit).map(\.release), mayWait: mayWait)
        }
        return nil
    }

    /// A call for an account is under way.
    mutating func begun(_ account: AccountID) { accounts[account]?.isUnderWay = true }

    /// A call has ended.
    ///
    /// - Parameter outcome: What the store has taken; an account of which it took nothing waits until it is tried again.
    /// - Returns: The slots that are free.
    mutating func ended(_ outcome: HeldReport.Outcome) -> [DispatcherState.Slot] {
        guard var reports = accounts[outcome.account] else { return [] }
        let slots =
            reports.settled.prefix(outcome.settled).map(\.slot) + reports.released.prefix(outcome.released).map(\.slot)
        reports.settled.removeFirst(min(outcome.settled, reports.settled.count))
        reports.released.removeFirst(min(outcome.released, reports.released.count))
        (reports.isUnderWay, reports.hasFailed) = (false, outcome.hasFailed)
        let isDone = reports.settled.isEmpty && reports.released.isEmpty
        accounts[outcome.account] = isDone ? nil : reports
        turns.removeAll { $0 == outcome.account }
        if !isDone { turns.append(outcome.account) }
        return slots
    }

    /// Lets the accounts be tried again whose calls have failed.
    mutating func retry() {
        for account in turns { accounts[account]?.hasFailed = false }
    }
}

/// A call with the reports of one account that is held.
package struct HeldReport: Sendable, Equatable {
    /// What came of it.
    package struct Outcome: Sendable {
        package let account: AccountID
        /// How many settlements, and how many releases, the store has taken.
        package var (settled, released) = (0, 0)
        /// Whether some are left that the store did not take.
        package var hasFailed = false

        package init(account: AccountID) { self.account = account }
    }

    package let account: AccountID
    package let settlements: [Settlement]
    package let releases: [Release]
    package let mayWait: Bool
}
