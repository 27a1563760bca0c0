/// How often the store refused each report when it was sent alone, and which of them it never takes.
struct ReportRefusals {
    private struct Count {
        var refusals = 0
        /// The refusals by calls before which the store had taken others since the previous refusal: the store was well.
        var whileWell = 0
        /// How many reports the store had taken at the last refusal.
        var taken: Int
    }

    /// The most refusals of one report, and the most of these while the store was well.
    private static let (allowance, allowanceWhileWell) = (3, 2)

    private var counts: [Lease: Count] = [:]

    /// Counts a refusal.
    ///
    /// - Parameters:
    ///   - lease: The lease of the report, which was alone in its call.
    ///   - takenAtBegin: How many reports the store had taken when the call began.
    ///   - taken: How many reports it has taken by now.
    /// - Returns: Whether the report is to be set aside.
    mutating func refuse(_ lease: Lease, takenAtBegin: Int, taken: Int) -> Bool {
        var count = counts[lease] ?? Count(taken: takenAtBegin)
        count.refusals += 1
        if takenAtBegin > count.taken { count.whileWell += 1 }
        count.taken = taken
        let isSetAside = count.refusals >= Self.allowance && count.whileWell >= Self.allowanceWhileWell
        counts[lease] = isSetAside ? nil : count
        return isSetAside
    }

    /// Forgets the refusals of the reports that the store has taken.
    ///
    /// If one of them had been refused before, the store was down and is well again, which clears the others as well.
    ///
    /// - Parameters:
    ///   - taken: The leases of an account's reports that the store has taken.
    ///   - left: The leases of the account's reports that are left.
    /// - Returns: Whether a report that is left has been refused before.
    mutating func forget(_ taken: [Lease], left: [Lease]) -> Bool {
        let wasDown = taken.contains { counts[$0] != nil }
        for lease in wasDown ? taken + left : taken { counts[lease] = nil }
        return left.contains { counts[$0] != nil }
    }
}
