public import WebhookEvents

extension RetryPolicy {
    /// A parser for both formats of `Retry-After` (RFC 9110, section 10.2.3): seconds, and an HTTP date.
    public enum RetryAfter {
        /// Returns the wait that a response requests, or `nil` unless it has exactly one value, in a valid format.
        ///
        /// - Parameters:
        ///   - values: The values of all `Retry-After` fields of the response; several values are ambiguous.
        ///   - now: The current time, for dates; a date in the past requests no wait.
        /// - Returns: A wait of zero or more.
        public static func wait(_ values: [String], now: Timestamp) -> Duration? {
            values.count == 1 ? wait(values[0], now: now) : nil
        }

        /// Returns the wait that a value requests, or `nil` if the value is in neither format.
        ///
        /// - Parameters:
        ///   - value: The field's value.
        ///   - now: The current time, for dates; a date in the past requests no wait.
        /// - Returns: A wait of zero or more; numbers of more than 10 digits are clamped to 9,999,999,999 seconds.
        public static func wait(_ value: String, now: Timestamp) -> Duration? {
            let text = value.utf8.drop { $0 == 0x20 || $0 == 0x09 }
            let trimmed = Array(text.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed())
            guard !trimmed.isEmpty else { return nil }
            if trimmed.allSatisfy({ (0x30...0x39).contains($0) }) {
                // 10 digits are 317 years; the policy caps longer waits anyway.
                let digits = trimmed.drop { $0 == 0x30 }
                guard digits.count <= 10 else { return .seconds(9_999_999_999) }
                return .seconds(digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) })
            }
            guard let date = HTTPDate.read(String(decoding: trimmed, as: UTF8.self), now: now) else { return nil }
            return max(.zero, date - now)
        }
    }
}
