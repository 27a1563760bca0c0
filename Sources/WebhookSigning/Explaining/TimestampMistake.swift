internal import WebhookEvents

/// A signed time that is not in whole Unix seconds.
struct TimestampMistake {
    let finding: WebhookVerifier.Explanation.Finding
    /// The same time in whole Unix seconds, which the sender may have signed.
    let seconds: String

    /// Recognises other units and formats; returns `nil` for plain seconds, and for a text that is not a time.
    init?(_ text: String) {
        guard let (form, seconds) = Self.reading(text) else { return nil }
        self.seconds = seconds
        finding = .init(
            cause: .timestampUnit, message: "`webhook-timestamp` is \(form), not in whole seconds",
            hint: "Sign and send Unix seconds in decimal digits, such as \(seconds).")
    }

    private static func reading(_ text: String) -> (form: String, seconds: String)? {
        let whole = text.prefix { $0.isASCII && $0.isNumber }
        let rest = text.dropFirst(whole.count)
        if rest.isEmpty, whole.first != "0",
            let unit = [13: "in milliseconds", 16: "in microseconds", 19: "in nanoseconds"][whole.count]
        {
            return (unit, String(whole.prefix(10)))
        }
        if rest.first == ".", (9...10).contains(whole.count) { return ("in fractions of a second", String(whole)) }
        let unpadded = whole.drop { $0 == "0" }
        if rest.isEmpty, unpadded.count < whole.count, (9...10).contains(unpadded.count) {
            return ("written with leading zeros", String(unpadded))
        }
        return Timestamp(text).map { ("a date in text", String($0.unixSeconds)) }
    }
}
