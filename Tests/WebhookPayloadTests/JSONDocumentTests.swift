import Testing
import WebhookEvents
import WebhookPayload

@Suite("JSONDocument")
struct JSONDocumentTests {
    // Source: RFC 8259; the cases follow the names of JSONTestSuite (nst/JSONTestSuite), n_ and y_.
    @Test(
        "Valid JSON is accepted",
        arguments: [
            "null", " true ", "false", "0", "-0", "1.5", "-1e10", "1E+2", "123456789012345678901234567890", "\"\"",
            "\"\\u0041\\n\\/\"", "\"\\uD83D\\uDE00\"", "\"\u{7F}\"", "\"é😀\"", "[]", "[1, 2]", "{}",
            "{\"a\":1,\"b\":{\"a\":2}}", "\t\r\n [ ] ", "[[[[]]]]", "\"\u{2028}\"", "{\"\":0}",
        ])
    func accepted(text: String) throws {
        _ = try JSONDocument(Array(text.utf8))
    }

    @Test(
        "Invalid JSON is rejected",
        arguments: [
            "", " ", "nul", "nullx", "TRUE", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "'a'",
            "\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\uD800\"", "\"\\uD800\\u0041\"", "\"\\uDC00\"", "\"\t\"",
            "\"\n\"", "[1,]", "[,1]", "[1 2]", "[", "]", "{\"a\":1,}", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\" 1}",
            "{1:1}", "{\"a\":1 \"b\":2}", "[1]]", "1 2", "\u{FEFF}{}", "// c\n1", "[1/*c*/]",
        ])
    func refused(text: String) {
        #expect(throws: PayloadError.self) { try JSONDocument(Array(text.utf8)) }
    }

    @Test("A number that a reader could read as infinity is rejected; all others keep their digits")
    func numberRange() throws {
        let (nines, zeros) = (String(repeating: "9", count: 309), String(repeating: "0", count: 400))
        for text in [
            "1e308", "1.7976931348623157e308", "-1.7976931348623157E+308", "0.00001e313", "1\(zeros)e-400", "0e999",
            "0.\(zeros)1e700", "0e99999999999999999999999", "1e-99999999999999999999", "1\(zeros.prefix(308))",
        ] {
            #expect(try JSONValue(parsing: Array(text.utf8)) == .number(JSONValue.Number(unchecked: text)), "\(text)")
        }
        for text in [
            "1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999999", nines, "-\(nines)", "0.0001e313",
            "1\(zeros)e-91", "1\(zeros.prefix(309))",
        ] {
            #expect(throws: PayloadError.self, "\(text)") { try JSONValue(parsing: Array(text.utf8)) }
        }
    }

    // Source: RFC 3629, and Markus Kuhn's UTF-8 stress test: overlong forms, surrogates, beyond U+10FFFF, cut off.
    @Test(
        "Strings that are not UTF-8 are rejected",
        arguments: [
            [0xFF], [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0xAF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: PayloadError.self) { try JSONDocument([0x22] + bytes + [0x22]) }
        #expect(throws: PayloadError.self) { try JSONDocument(bytes) }
    }

    @Test(
        "Duplicate names are rejected, with or without escapes",
        arguments: [
            "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\\u0061\":1,\"a\":2}", "[{\"x\":{\"k\":1,\"k\":1}}]",
            "{" + (0..<40).map { "\"k\($0)\":0" }.joined(separator: ",") + ",\"k7\":1}",
        ])
    func duplicates(text: String) {
        #expect(throws: PayloadError.self) { try JSONDocument(Array(text.utf8)) }
    }

    @Test("Depth is limited: 64 levels are accepted, 65 and a million are rejected")
    func depth() throws {
        _ = try JSONDocument(
            Array(repeating: UInt8(ascii: "["), count: 64) + Array(repeating: UInt8(ascii: "]"), count: 64))
        for depth in [65, 1_000_000] {
            #expect(throws: PayloadError.self) { try JSONDocument(Array(repeating: UInt8(ascii: "["), count: depth)) }
        }
    }

    @Test("Every prefix of a document is rejected, and none traps")
    func prefixes() throws {
        let text = Array("{\"a\":[1.5e3,\"\\u00e9\\uD83D\\uDE00é😀\",null,true],\"b\":{\"c\":false}}".utf8)
        _ = try JSONDocument(text)
        for length in 0..<text.count {
            #expect(throws: PayloadError.self) { try JSONDocument(Array(text[..<length])) }
        }
    }

    @Test("Values are decoded correctly")
    func values() throws {
        let text = "{\"s\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\uD83D\\uDE00\",\"n\":1.10,\"a\":[true,null],\"o\":{}}"
        let members = try #require(try JSONValue(parsing: Array(text.utf8)).object)
        #expect(members["s"] == .string("a\"\\/\u{8}\u{C}\n\r\t€😀"))
        let (array, object): (JSONValue, JSONValue) = ([true, nil], .object([:]))
        #expect(members["a"] == array)
        #expect(members["o"] == object)
        guard case .number(let number) = members["n"] else {
            Issue.record("not a number")
            return
        }
        #expect(number.text == "1.10")
        #expect(members.members.map(\.name) == ["s", "n", "a", "o"])
    }

    @Test("The parser reads the output of the writer")
    func writer() throws {
        var json = JSONWriter()
        json.object { json in
            json.name("quote\"\\" as String)
            json.string("control \u{0}\u{1F} \u{8}\u{C}\n\r\t é😀 \u{2028}")
            json.write("none", nil as String?)
            json.write("number", -7)
            json.name("list")
            json.array([1, 2]) { $0.integer($1) }
        }
        let members = try #require(try JSONValue(parsing: json.bytes).object)
        #expect(members["quote\"\\"] == .string("control \u{0}\u{1F} \u{8}\u{C}\n\r\t é😀 \u{2028}"))
        let (list, none): (JSONValue, JSONValue) = ([1, 2], nil)
        #expect(members["list"] == list)
        #expect(members["none"] == none)
    }
}
