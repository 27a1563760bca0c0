package import WebhookEvents

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
        package var error: String?
        /// Whether what it threw may be for what the reports hold, and not for its own state.
        package var isRefusal = false
        /// The only report of the call.
        package let alone: Lease?

        package init(_ report: HeldReport) {
            account = report.account
            alone = report.alone
        }
    }

    package let account: AccountID
    package let settlements: [Settlement]
    package let releases: [Release]
    package let mayWait: Bool

    /// The report of a call that has only one.
    private var alone: Lease? {
        guard settlements.count + releases.count == 1 else { return nil }
        return settlements.first?.lease ?? releases.first?.lease
    }

    package init(account: AccountID, settlements: [Settlement], releases: [Release], mayWait: Bool) {
        self.account = account
        self.settlements = settlements
        self.releases = releases
        self.mayWait = mayWait
    }
}
