package import WebhookEvents

/// The reports of one account, for a separate call.
package struct DeferredReport: Sendable, Equatable {
    /// The outcome of a call.
    package struct Outcome: Sendable {
        package let accountID: AccountID
        /// How many settlements and how many releases the store has accepted.
        package var (settled, released) = (0, 0)
        /// Whether the store has not accepted all reports.
        package var hasFailed = false
        /// The store's error, if it threw one.
        package var error: String?
        /// Whether the error may be caused by the reports, and not by the state of the store.
        package var isRefusal = false
        /// The lease of the call's only report; `nil` if the call has more.
        package let alone: Lease?

        package init(_ report: DeferredReport) {
            accountID = report.accountID
            alone = report.alone
        }
    }

    package let accountID: AccountID
    package let settlements: [Settlement]
    package let releases: [Release]
    package let mayWait: Bool

    /// The lease of the call's only report; `nil` if the call has more.
    private var alone: Lease? {
        guard settlements.count + releases.count == 1 else { return nil }
        return settlements.first?.lease ?? releases.first?.lease
    }

    package init(accountID: AccountID, settlements: [Settlement], releases: [Release], mayWait: Bool) {
        self.accountID = accountID
        self.settlements = settlements
        self.releases = releases
        self.mayWait = mayWait
    }
}
