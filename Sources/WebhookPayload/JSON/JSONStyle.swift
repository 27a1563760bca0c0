package import WebhookEvents

/// A style in which the libraries of other languages write JSON by default.
package struct JSONStyle: Sendable {
    package let name: String
    /// The number of spaces per level; `nil` for one line.
    var indent: Int?
    var afterComma = ""
    var afterColon = ""
    /// Whether non-ASCII characters are written as `\uXXXX`.
    var isASCII = false

    package static let usual = [
        JSONStyle(name: "compact JSON with non-ASCII characters escaped", isASCII: true),
        JSONStyle(name: "Python's json.dumps writes it", afterComma: " ", afterColon: " ", isASCII: true),
        JSONStyle(name: "Python's json.dumps writes it with ensure_ascii=False", afterComma: " ", afterColon: " "),
        JSONStyle(name: "JSON indented by 2 spaces", indent: 2, afterColon: " "),
        JSONStyle(name: "JSON indented by 4 spaces", indent: 4, afterColon: " "),
    ]

    package func encode(_ value: JSONValue) -> [UInt8] {
        var text: [UInt8] = []
        write(value, depth: 0, to: &text)
        return text
    }

    // The parser has limited the depth of the value, so the recursion is bounded.
    private func write(_ value: JSONValue, depth: Int, to text: inout [UInt8]) {
        switch value {
        case .array(let elements):
            write(elements, "[", "]", depth, to: &text) { write($0, depth: depth + 1, to: &$1) }
        case .object(let object):
            write(object.members, "{", "}", depth, to: &text) { member, text in
                write(.string(member.name), depth: depth, to: &text)
                text += Array((":" + afterColon).utf8)
                write(member.value, depth: depth + 1, to: &text)
            }
        case .string where isASCII: text += escaped(value.encoded())
        default: text += value.encoded()
        }
    }

    private func write<Element>(
        _ elements: [Element], _ open: String, _ close: String, _ depth: Int, to text: inout [UInt8],
        _ body: (Element, inout [UInt8]) -> Void
    ) {
        text += Array(open.utf8)
        for (index, element) in elements.enumerated() {
            if index > 0 { text += Array(("," + (indent == nil ? afterComma : "")).utf8) }
            breakLine(depth + 1, in: &text)
            body(element, &text)
        }
        if !elements.isEmpty { breakLine(depth, in: &text) }
        text += Array(close.utf8)
    }

    private func breakLine(_ depth: Int, in text: inout [UInt8]) {
        guard let indent else { return }
        text.append(UInt8(ascii: "\n"))
        text += repeatElement(UInt8(ascii: " "), count: indent * depth)
    }

    private func escaped(_ json: [UInt8]) -> [UInt8] {
        var text = ""
        for unit in String(decoding: json, as: UTF8.self).utf16 {
            if unit < 0x80 {
                text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }
        }
        return Array(text.utf8)
    }
}
