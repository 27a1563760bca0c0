/// Counts how often the store has refused each report on its own, to find the reports that it never accepts.
struct UnstorableReports {
    private struct Count {
        var refusals = 0
        /// Refusals while the store was accepting other reports.
        var whileWell = 0
        /// How many reports the store had accepted at the last refusal.
        var taken: Int
    }

    /// The refusals after which a report is set aside, and how many of them must be by a working store.
    private static let (allowance, allowanceWhileWell) = (3, 2)

    private var counts: [Lease: Count] = [:]

    /// Counts a refusal.
    ///
    /// - Parameters:
    ///   - lease: The lease of the report, the only one of its call.
    ///   - takenAtBegin: How many reports the store had accepted when the call began.
    ///   - taken: How many reports the store has accepted so far.
    /// - Returns: Whether the report must be set aside.
    mutating func refuse(_ lease: Lease, takenAtBegin: Int, taken: Int) -> Bool {
        var count = counts[lease] ?? Count(taken: takenAtBegin)
        count.refusals += 1
        if takenAtBegin > count.taken { count.whileWell += 1 }
        count.taken = taken
        let isSetAside = count.refusals >= Self.allowance && count.whileWell >= Self.allowanceWhileWell
        counts[lease] = isSetAside ? nil : count
        return isSetAside
    }

    /// Clears the refusals of reports that the store has accepted.
    ///
    /// If one of them was refused before, the store was down and has recovered, so the other refusals are cleared, too.
    ///
    /// - Parameters:
    ///   - taken: The leases of the account's reports that the store has accepted.
    ///   - left: The leases of the account's remaining reports.
    /// - Returns: Whether one of the remaining reports was refused before.
    mutating func forget(_ taken: [Lease], left: [Lease]) -> Bool {
        let wasDown = taken.contains { counts[$0] != nil }
        for lease in wasDown ? taken + left : taken { counts[lease] = nil }
        return left.contains { counts[$0] != nil }
    }
}
