extension Simulation {
    /// Finds a smaller run that also fails, with fewer kinds of faults, fewer changes and fewer events.
    ///
    /// - Parameter seed: A seed whose run has violations.
    /// - Returns: What can be left out, and the report of the smaller run with its log; `nil` when the seed's run has
    ///   no violations.
    /// - Throws: Any error of creating the store.
    public func shrink(seed: UInt64) throws -> (left: Shrink, report: SimulationReport)? {
        var best = Shrink()
        guard try !run(seed: seed, shrink: best).violations.isEmpty else { return nil }
        func tryWith(_ change: (inout Shrink) -> Void) throws {
            var smaller = best
            change(&smaller)
            if try !run(seed: seed, shrink: smaller).violations.isEmpty { best = smaller }
        }
        for site in FaultSite.allCases { try tryWith { $0.quiet.insert(site) } }
        for count in [0, 1, 2, 4] where best.maximumChanges > count {
            try tryWith { $0.maximumChanges = min($0.maximumChanges, count) }
        }
        for count in [1, 2, 4, 8, 16] where best.maximumEvents > count {
            try tryWith { $0.maximumEvents = min($0.maximumEvents, count) }
        }
        return (best, try run(seed: seed, shrink: best, keepsLog: true))
    }
}
