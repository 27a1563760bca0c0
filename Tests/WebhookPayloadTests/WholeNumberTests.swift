import Testing
import WebhookEvents
import WebhookPayload

@Suite("WholeNumber")
struct WholeNumberTests {
    // Source: JSON Schema 2020-12, Validation, section 6.1.1: "any number with a zero fractional part is an integer".
    @Test(
        "A whole number is an integer in any notation",
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("0e99999999999999999999", 0), ("7", 7), ("7.0", 7), ("7.000", 7),
            ("0.7e1", 7),
            ("70e-1", 7), ("7E0", 7), ("7e+0", 7), ("1e2", 100), ("-1.50e1", -15), ("1200E-2", 12),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9.223372036854775807e18", .max),
            ("9223372036854775807.0", .max),
        ])
    func whole(text: String, value: Int) throws {
        let document = try JSONValue(parsing: Array(#"{"n":\#(text)}"#.utf8))
        #expect(document["n"]?.integer == value)
    }

    @Test(
        "A number with a fraction, or one that does not fit, is not an integer",
        arguments: [
            "1.5", "1e-1", "15e-1", "0.1", "9223372036854775808", "-9223372036854775809", "1e19", "1e308",
            "1e-99999999999999999999", "123456789012345678901234567890",
        ])
    func others(text: String) throws {
        #expect(try JSONValue(parsing: Array(#"{"n":\#(text)}"#.utf8))["n"]?.integer == nil)
    }
}
