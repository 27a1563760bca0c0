// Counters are kept in rows that were perhaps changed by hand, or damaged: none of them may overflow.
extension Int {
    /// Counts one more, and stops at the largest number.
    mutating func countUp() { self = self == .max ? .max : self + 1 }
}
