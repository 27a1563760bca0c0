extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
    /// The timestamp as RFC 3339 in UTC, with a fraction only if it is not zero: `2024-02-10T16:45:22Z`.
    public var description: String {
        let remainder = microseconds % 1_000_000
        guard remainder != 0 else { return rfc3339 }
        var digits = String(1_000_000 + (remainder < 0 ? remainder + 1_000_000 : remainder)).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return rfc3339.dropLast() + "." + digits + "Z"
    }

    /// The timestamp as RFC 3339 in UTC, truncated to whole seconds, as in every payload.
    public var rfc3339: String {
        var isWritten = false
        let text = unsafe String(unsafeUninitializedCapacity: 20) { text in
            isWritten = unsafe writeRFC3339(
                into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(text)[..<20]))
            return isWritten ? 20 : 0
        }
        if isWritten { return text }
        // RFC 3339 has only years with four digits. Other years are still written in a readable form.
        let (year, month, day) = CivilDate.from(daysSinceEpoch: utcDay)
        let second = Int(unixSeconds - utcDay * 86_400)
        let parts = [month, day, second / 3600, second / 60 % 60, second % 60].map { String(100 + $0).dropFirst() }
        return "\(year)-\(parts[0])-\(parts[1])T\(parts[2]):\(parts[3]):\(parts[4])Z"
    }

    /// Writes the timestamp as 20 bytes in UTC, or returns `false` if its year does not have four digits.
    package func writeRFC3339(into text: UnsafeMutableRawBufferPointer) -> Bool {
        let (year, month, day) = CivilDate.from(daysSinceEpoch: utcDay)
        guard (0...9999).contains(year) else { return false }
        let second = Int(unixSeconds - utcDay * 86_400)
        func put(_ number: Int, at index: Int, then mark: Unicode.Scalar) {
            unsafe text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
            unsafe text[index + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
            unsafe text[index + 2] = UInt8(ascii: mark)
        }
        put(year / 100, at: 0, then: "0")
        put(year % 100, at: 2, then: "-")
        put(month, at: 5, then: "-")
        put(day, at: 8, then: "T")
        put(second / 3600, at: 11, then: ":")
        put(second / 60 % 60, at: 14, then: ":")
        put(second % 60, at: 17, then: "Z")
        return true
    }

    /// Creates a timestamp from RFC 3339 text with any offset, and rejects looser formats.
    ///
    /// Fraction digits beyond microseconds are dropped. A leap second (`:60`) is read as the start of the next minute;
    /// it is valid only as the last second of a month in UTC (RFC 3339, section 5.7).
    ///
    /// - Parameter description: The text, for example `2024-02-10T16:45:22Z` or `2024-02-10T17:45:22.5+01:00`.
    public init?(_ description: String) {
        let bytes = Array(description.utf8)
        self.init(rfc3339: bytes.span, in: bytes.indices)
    }

    /// Creates a timestamp from a part of a text.
    package init?(rfc3339 text: Span<UInt8>, in range: Range<Int>) {
        var scanner = Scanner(text, in: range)
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
        guard second < 60 || Self.beginsMonth(seconds) else { return nil }
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }
}

extension Timestamp {
    /// Returns whether a Unix time is the first second of a month in UTC.
    private static func beginsMonth(_ seconds: Int64) -> Bool {
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        return second == 0 && CivilDate.from(daysSinceEpoch: days).day == 1
    }
}

extension Timestamp: Codable {
    /// Decodes the RFC 3339 text that `encode(to:)` writes.
    ///
    /// - Throws: `DecodingError` if the text is not RFC 3339.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let moment = try Timestamp(container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 timestamp")
        }
        self = moment
    }

    /// Encodes the timestamp as RFC 3339 text with its fraction.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Conversions between days and the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", sections `days_from_civil` and
/// `civil_from_days`.
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

/// A scanner for the fixed-width fields of RFC 3339 in ASCII.
private struct Scanner: ~Escapable {
    private let bytes: Span<UInt8>
    private let end: Int
    private var position: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, in range: Range<Int>) {
        self.bytes = bytes
        self.position = range.lowerBound
        self.end = min(range.upperBound, bytes.count)
    }

    var isAtEnd: Bool { position == end }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard position < end, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else {
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

    /// Returns the fraction in microseconds, 0 if there is none, or `nil` if it has no digits.
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

    /// Returns the offset in seconds east of UTC.
    mutating func offset() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
