public import WebhookEvents

/// Reads `Retry-After` (RFC 9110, section 10.2.3) in both forms: seconds, and an HTTP date.
public enum RetryAfter {
    /// Returns the wait that a response asks for, or `nil` for anything but one value of one of the two forms.
    ///
    /// - Parameters:
    ///   - values: The values of all of the response's `Retry-After` fields; two that may differ are no answer.
    ///   - now: The time now, for dates; a date in the past asks for no wait.
    /// - Returns: A wait of zero or more.
    public static func wait(_ values: [String], now: Timestamp) -> Duration? {
        values.count == 1 ? wait(values[0], now: now) : nil
    }

    /// Returns the wait that a value asks for, or `nil` for anything that is not of the two forms.
    ///
    /// - Parameters:
    ///   - value: The field's value.
    ///   - now: The time now, for dates; a date in the past asks for no wait.
    /// - Returns: A wait of zero or more; numbers too large for any clock count as the largest that fits.
    public static func wait(_ value: String, now: Timestamp) -> Duration? {
        let text = value.utf8.drop { $0 == 0x20 || $0 == 0x09 }
        let trimmed = Array(text.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed())
        guard !trimmed.isEmpty else { return nil }
        if trimmed.allSatisfy({ (0x30...0x39).contains($0) }) {
            // 10 digits are 317 years; whatever is longer is capped by the policy all the same.
            let digits = trimmed.drop { $0 == 0x30 }
            guard digits.count <= 10 else { return .seconds(9_999_999_999) }
            return .seconds(digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) })
        }
        guard let date = HTTPDate.read(String(decoding: trimmed, as: UTF8.self), now: now) else { return nil }
        return max(.zero, date - now)
    }
}
