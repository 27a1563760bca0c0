extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
    /// The moment as RFC 3339 in UTC, with a fraction only when there is one: `2024-02-10T16:45:22Z`.
    public var description: String {
        let remainder = microseconds % 1_000_000
        guard remainder != 0 else { return rfc3339 }
        var digits = String(1_000_000 + (remainder < 0 ? remainder + 1_000_000 : remainder)).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return rfc3339.dropLast() + "." + digits + "Z"
    }

    /// The moment as RFC 3339 in UTC, cut to whole seconds, as every payload carries it.
    public var rfc3339: String {
        let (year, month, day) = CivilDate.from(daysSinceEpoch: utcDay)
        let second = Int(unixSeconds - utcDay * 86_400)
        var text: [UInt8] = []
        text.reserveCapacity(20)
        func put(_ number: Int, width: Int, then separator: Character) {
            let digits = Array(String(number).utf8)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.count)))
            text.append(contentsOf: digits)
            text.append(contentsOf: String(separator).utf8)
        }
        put(year, width: 4, then: "-")
        put(month, width: 2, then: "-")
        put(day, width: 2, then: "T")
        put(second / 3600, width: 2, then: ":")
        put(second / 60 % 60, width: 2, then: ":")
        put(second % 60, width: 2, then: "Z")
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a moment written as RFC 3339, in any offset, and nothing looser than that.
    ///
    /// A fraction beyond microseconds is cut off; a leap second `:60` counts as the first moment of the next minute.
    ///
    /// - Parameter description: The text, for example `2024-02-10T16:45:22Z` or `2024-02-10T17:45:22.5+01:00`.
    public init?(_ description: String) {
        var scanner = Scanner(bytes: Array(description.utf8))
        guard let year = scanner.number(digits: 4), scanner.skip("-"),
            let month = scanner.number(digits: 2), scanner.skip("-"),
            let day = scanner.number(digits: 2), scanner.skip("T") || scanner.skip("t"),
            let hour = scanner.number(digits: 2), scanner.skip(":"),
            let minute = scanner.number(digits: 2), scanner.skip(":"),
            let second = scanner.number(digits: 2),
            (1...12).contains(month), (1...CivilDate.days(in: month, of: year)).contains(day),
            hour < 24, minute < 60, second <= 60,
            let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }
}

extension Timestamp: Codable {
    /// Reads the RFC 3339 text that `encode(to:)` writes.
    ///
    /// - Throws: `DecodingError` when the text is not RFC 3339.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let moment = try Timestamp(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 timestamp")
        }
        self = moment
    }

    /// Writes the moment as RFC 3339 text with its fraction.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Conversions between days and the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", sections `days_from_civil` and `civil_from_days`.
package enum CivilDate {
    static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    static func from(daysSinceEpoch days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Reads the fixed parts of RFC 3339 from ASCII.
private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else {
            return nil
        }
        defer { position += 1 }
        return Int(bytes[position] - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Microseconds after the decimal point; 0 when there is no fraction.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            if count < 6 { value = value * 10 + Int64(digit) }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
