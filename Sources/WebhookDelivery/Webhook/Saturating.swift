// Counters come from rows that may have been edited by hand or damaged, so they must not overflow.
extension Int {
    /// Adds one, saturating at the largest number.
    mutating func countUp() { self = self == .max ? .max : self + 1 }
}
