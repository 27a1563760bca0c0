internal import WebhookEvents
internal import WebhookPayload

/// A possible original of a body that was changed between sender and verifier.
struct BodyMistake {
    let cause: WebhookVerifier.Explanation.Cause
    /// A description of the original body, as a phrase that follows "would match".
    let what: String
    let hint: String
    let body: [UInt8]

    static func all(for body: [UInt8]) -> [BodyMistake] { newlines(body) + marks(body) + json(body) }

    private static func newlines(_ body: [UInt8]) -> [BodyMistake] {
        let (lf, crlf) = (Array("\n".utf8), Array("\r\n".utf8))
        let added =
            "Send the exact bytes; your tool added the newline. With curl, use `--data-binary @file` instead of `--data`."
        let lost = "Read the raw bytes before any parser or middleware; one of them trimmed the body."
        var mistakes: [BodyMistake] = []
        for ending in [crlf, lf] where body.count >= ending.count && Array(body.suffix(ending.count)) == ending {
            mistakes.append(
                BodyMistake(
                    cause: .trailingNewline,
                    what: "without the trailing \(ending.count == 1 ? "newline" : "carriage return and newline")",
                    hint: added,
                    body: Array(body.dropLast(ending.count))))
        }
        for ending in [lf, crlf] {
            mistakes.append(
                BodyMistake(
                    cause: .trailingNewline,
                    what: "with a trailing \(ending.count == 1 ? "newline" : "carriage return and newline")",
                    hint: lost,
                    body: body + ending))
        }
        let endings = "Treat the body as bytes, not as a text file; the line endings were converted."
        let unix = body.replacing(crlf, with: lf)
        if unix != body {
            mistakes.append(
                BodyMistake(cause: .lineEndings, what: "with LF for CRLF", hint: endings, body: unix))
        }
        let windows = unix.replacing(lf, with: crlf)
        if windows != body {
            mistakes.append(
                BodyMistake(cause: .lineEndings, what: "with CRLF for LF", hint: endings, body: windows))
        }
        return mistakes
    }

    private static func marks(_ body: [UInt8]) -> [BodyMistake] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let hint = "Treat the body as bytes; it was read as a text file."
        return [
            body.starts(with: mark)
                ? BodyMistake(
                    cause: .byteOrderMark, what: "without its byte order mark", hint: hint,
                    body: Array(body.dropFirst(3)))
                : BodyMistake(
                    cause: .byteOrderMark, what: "with a byte order mark", hint: hint, body: mark + body)
        ]
    }

    private static func json(_ body: [UInt8]) -> [BodyMistake] {
        guard let value = try? JSONValue(parsing: body) else { return [] }
        let hint = "Verify the raw bytes of the request, and parse them afterwards; a parser ran first."
        var forms: [(String, [UInt8])] = [("compact JSON", value.encoded())]
        // The members may have been sorted; encoding the envelope restores their original order.
        if let (envelope, event) = try? Envelope.decode(body),
            let again = try? Envelope(
                event, id: envelope.id, timestamp: envelope.timestamp, metadata: envelope.metadata)
        {
            forms.append(("JSON in TaskFlow's member order", again.bytes))
        }
        for style in JSONStyle.usual { forms.append((style.name, style.encode(value))) }
        return forms.filter { $0.1 != body }.map { form in
            BodyMistake(cause: .reserialisedJSON, what: "as \(form.0)", hint: hint, body: form.1)
        }
    }
}

extension [UInt8] {
    /// Returns the bytes with every occurrence of a sequence replaced by another one.
    fileprivate func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var index = 0
        while index < count {
            if self[index] == old[0], count - index >= old.count, Array(self[index..<index + old.count]) == old {
                result += new
                index += old.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }
}
