internal import WebhookEvents

/// A parser for HTTP dates, in all three formats that a recipient must accept (RFC 9110, section 5.6.7).
enum HTTPDate {
    /// Parses a date; `now` determines the century of a two-digit year.
    static func read(_ text: String, now: Timestamp) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        switch parts.count {
        // `asctime` pads a one-digit day with a second space: `Sun Nov  6 08:49:37 1994`.
        case 6 where parts[2].isEmpty && parts[3].utf8.count == 1:
            return asctime(day: "0\(parts[3])", Array(parts[..<2] + parts[3...]))
        case 6: return preferred(parts)
        case 4: return twoDigitYear(parts, now: now)
        case 5: return asctime(day: parts[2], parts)
        default: return nil
        }
    }

    /// Parses `Sun, 06 Nov 1994 08:49:37 GMT`, the only format that senders may generate.
    private static func preferred(_ parts: [Substring]) -> Timestamp? {
        guard parts[0].last == ",", days.contains(where: { $0.prefix(3) == parts[0].dropLast() }), parts[5] == "GMT"
        else { return nil }
        return timestamp(year: parts[3], month: parts[2], day: parts[1], time: parts[4])
    }

    /// Parses `Sunday, 06-Nov-94 08:49:37 GMT`, the format of RFC 850.
    private static func twoDigitYear(_ parts: [Substring], now: Timestamp) -> Timestamp? {
        let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard parts[0].last == ",", days.contains(String(parts[0].dropLast())), parts[3] == "GMT", date.count == 3,
            date[2].utf8.count == 2
        else { return nil }
        // A date more than 50 years in the future means the most recent past year with the same two digits.
        for century in ["21", "20", "19"] {
            let year = century + date[2]
            guard let moment = timestamp(year: year[...], month: date[1], day: date[0], time: parts[2]) else {
                continue
            }
            if moment - now <= .seconds(50 * 31_556_952) { return moment }
        }
        return nil
    }

    /// Parses `Sun Nov  6 08:49:37 1994`, the format of ANSI C's `asctime`.
    private static func asctime(day: Substring, _ parts: [Substring]) -> Timestamp? {
        guard days.contains(where: { $0.prefix(3) == parts[0] }) else { return nil }
        return timestamp(year: parts[4], month: parts[1], day: day, time: parts[3])
    }

    /// Checks the lengths of the parts; the RFC 3339 parser checks their ranges.
    private static func timestamp(year: Substring, month: Substring, day: Substring, time: Substring) -> Timestamp? {
        guard let index = months.firstIndex(of: String(month)), year.utf8.count == 4, day.utf8.count == 2,
            time.utf8.count == 8
        else { return nil }
        return Timestamp("\(year)-\(index < 9 ? "0" : "")\(index + 1)-\(day)T\(time)Z")
    }

    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
