public import WebhookEvents

/// Reads `Retry-After` (RFC 9110, section 10.2.3) in both forms: seconds, and an HTTP date.
public enum RetryAfter {
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
        guard let date = httpDate(String(decoding: trimmed, as: UTF8.self)) else { return nil }
        return max(.zero, date - now)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`: the only form that senders may generate (RFC 9110, section 5.6.7).
    private static func httpDate(_ text: String) -> Timestamp? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].utf8.last == UInt8(ascii: ","), parts[5] == "GMT",
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
