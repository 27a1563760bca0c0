import Testing
import WebhookEvents

@Suite("Timestamp")
struct TimestampTests {
    // Source: RFC 3339, section 5.8, and the epoch.
    @Test(
        "RFC 3339 text is parsed",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1985-04-12T23:20:50.52Z", 482_196_050_520_000),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000),
            ("2024-02-29T23:59:60Z", 1_709_251_200_000_000), ("2024-02-10t16:45:22z", 1_707_583_522_000_000),
            ("2024-02-10T16:45:22.1234567Z", 1_707_583_522_123_456), ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
        ] as [(String, Int64)])
    func reading(text: String, microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(
        "Looser formats are rejected",
        arguments: [
            "", "2024-02-10", "2024-02-10 16:45:22Z", "2024-02-10T16:45:22", "2024-02-30T00:00:00Z",
            "2024-06-15T12:30:60Z", "2024-06-29T23:59:60Z", "2024-06-30T23:59:60+01:00", "2024-06-30T23:58:60Z",
            "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-02-10T24:00:00Z", "2024-02-10T16:60:00Z",
            "2024-02-10T16:45:22.Z", "2024-02-10T16:45:22+1:00", "2024-02-10T16:45:22Z ", "+024-02-10T16:45:22Z",
            "2024-02-10T16:45:22+24:00", "２０24-02-10T16:45:22Z",
        ])
    func refusing(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(
        "A written timestamp parses to the same timestamp",
        arguments: [0, 1, -1, 999_999, 1_707_583_522_000_000, 1_707_583_522_120_000, 253_402_300_799_999_999])
    func roundTrip(microseconds: Int64) {
        let moment = Timestamp(microseconds: microseconds)
        #expect(Timestamp(moment.description) == moment)
    }

    @Test("Payload text is truncated to whole seconds")
    func wholeSeconds() {
        #expect(Timestamp(microseconds: 1_707_583_522_999_999).rfc3339 == "2024-02-10T16:45:22Z")
        #expect(Timestamp(microseconds: 1_707_583_522_120_000).description == "2024-02-10T16:45:22.12Z")
        #expect(Timestamp(microseconds: -1).rfc3339 == "1969-12-31T23:59:59Z")
    }

    @Test("Arithmetic saturates instead of trapping")
    func saturation() {
        let (first, last) = (Timestamp(microseconds: .min), Timestamp(microseconds: .max))
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(last + .seconds(Int64.max) == last)
        #expect(last - .seconds(Int64.min) == last)
        #expect(last - first == .microseconds(Int64.max))
        #expect(Timestamp(unixSeconds: .max) == last)
        #expect(Timestamp(unixSeconds: .min) == first)
        _ = (first.utcDay, last.utcDay, first.rfc3339, last.rfc3339, first.description)
    }

    @Test(
        "Days are UTC days, including before 1970",
        arguments: [(0, 0), (86_399, 0), (86_400, 1), (-1, -1), (-86_401, -2)])
    func days(seconds: Int64, day: Int64) {
        #expect(Timestamp(unixSeconds: seconds).utcDay == day)
        #expect(Timestamp(startOfUTCDay: day) <= Timestamp(unixSeconds: seconds))
    }
}
