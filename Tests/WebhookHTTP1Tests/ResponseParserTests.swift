import TaskFlowWebhooks
import Testing
import WebhookHTTP1
import WebhookTesting

@Suite("ResponseParser")
struct ResponseParserTests {
    /// The result of parsing a response in pieces of a given length, followed by the end of the connection.
    struct Reading: Equatable {
        var status: Int?
        var fields: HeaderFields?
        var body: [UInt8] = []
        var isReusable = false
        var isBodyComplete = false
        var isComplete = false
        var isInvalid = false
    }

    static func read(
        _ bytes: [UInt8], inPiecesOf length: Int, ends: Bool = false, isReused: Bool = false
    ) -> Reading {
        var parser = ResponseParser(isReused: isReused)
        var reading = Reading()
        var rest = bytes[...]
        while !rest.isEmpty, !parser.isComplete, !reading.isInvalid {
            let piece = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            do { try parser.receive(piece.span) } catch { reading.isInvalid = true }
        }
        if ends, !reading.isInvalid { parser.receiveEnd() }
        reading.status = parser.head?.status
        reading.fields = parser.head?.fields
        reading.body = parser.body
        reading.isComplete = parser.isComplete
        reading.isBodyComplete = parser.isBodyComplete
        // Later bytes after the end are visible only to the connection.
        reading.isReusable = parser.isReusable && rest.isEmpty
        return reading
    }

    static let responses: [(text: String, status: Int, body: String, isReusable: Bool)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc", true),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, "", true),
        ("HTTP/1.1 200 \r\nContent-Length:0 \t\r\n\r\n", 200, "", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
        ("HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n", 204, "", true),
        // A body may arrive although it must not.
        ("HTTP/1.1 204 X\r\nContent-Length: 2\r\n\r\n", 204, "", false),
        ("HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", 204, "", false),
        ("HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n", 304, "", false),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nA: b\r\n\r\nHTTP/1.1 202 X\r\nContent-Length: 1\r\n\r\nz",
            202, "z", true
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;a=\"b\"\r\nde\r\n0\r\nX: y\r\n\r\n",
            200, "abcde", true
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00a \r\n0123456789\r\n0\r\n\r\n", 200, "0123456789",
            true
        ),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\nContent-Length: 1\n\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", false),
        // A repeated identical length counts as one (RFC 9110, section 8.6).
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", 200, "ok", true),
        // Folded lines, a space before the colon, and lines that are not fields (RFC 9112, sections 5.1 and 5.2).
        ("HTTP/1.1 200 OK\r\nX-Note: one\r\n two\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nA B: c\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\n: c\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999, "", true),
    ]

    @Test("A response is parsed the same in pieces of any size", arguments: responses)
    func pieces(text: String, status: Int, body: String, isReusable: Bool) {
        let bytes = Array(text.utf8)
        for length in 1...bytes.count {
            let reading = Self.read(bytes, inPiecesOf: length)
            #expect(reading.status == status, "\(length)")
            #expect(reading.body == Array(body.utf8), "\(length)")
            #expect(reading.isReusable == isReusable, "\(length)")
            #expect(!reading.isInvalid, "\(length)")
        }
    }

    @Test("A truncated head yields no status, at whatever byte it ends")
    func incomplete() {
        for (text, _, _, _) in Self.responses {
            let bytes = Array(text.utf8)
            let finalHead = bytes.indices.last { bytes[$0...].starts(with: "HTTP/1.".utf8) } ?? 0
            let ends = ["\r\n\r\n", "\n\n"].compactMap { end in
                bytes.indices.dropFirst(finalHead).first { bytes[$0...].starts(with: end.utf8) }.map {
                    $0 + end.utf8.count
                }
            }
            for count in 0..<(ends.min() ?? 0) {
                let reading = Self.read(Array(bytes.prefix(count)), inPiecesOf: 7, ends: true)
                #expect(reading.status == nil, "\(text.prefix(count))")
                #expect(!reading.isReusable)
            }
        }
    }

    @Test(
        "Bytes that are not a head are rejected as early as possible",
        arguments: [
            "SSH-", "<html>", "HTTP/2.0 200 OK", "http/1.1 200 OK", "\r\nHTTP/1.1 200 OK", " HTTP/1.1 200 OK", "\0",
            "HTTP/1.1 099 X\r\n\r\n", "HTTP/1.1 2x0 X\r\n\r\n", "HTTP/1.1  200 X\r\n\r\n", "HTTP/1.1 200X\r\n\r\n",
            "HTTP/1.1 -20 X\r\n\r\n", "HTTP/1.x 200 X\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
            "HTTP/1.1 200 \u{7}\r\n\r\n",
        ])
    func invalid(text: String) {
        #expect(Self.read(Array(text.utf8), inPiecesOf: 1000).isInvalid)
        #expect(Self.read(Array(text.utf8), inPiecesOf: 1).isInvalid)
    }

    /// Heads that contradict themselves, so that the framing of the body is unclear.
    static let unclearHeads = [
        "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2, 3", "Content-Length: 2,", "Content-Length: ,2",
        "Content-Length: +2", "Content-Length: -2", "Content-Length: 0x2", "Content-Length: 2 2", "Content-Length: 2;",
        "Content-Length: 1\r\n 2", "Content-Length:", "Content-Length: 2.0", "Content-Length: 2e0",
        "Content-Length: 99999999999999999999", "Content-Length: \u{662}", "Content-Length: \"2\"",
        "Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\n , gzip", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding:", "Connection: keep-alive", "Connection: Keep-Alive, x",
    ]

    @Test("A contradictory head ends the response immediately and prevents reuse", arguments: unclearHeads)
    func unclear(fields: String) {
        let head = Array("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n".utf8)
        for length in [1, 1000] {
            let reading = Self.read(head, inPiecesOf: length)
            #expect(reading == Self.Reading(status: 200, fields: reading.fields, isComplete: true))
        }
        let whole = Self.read(head + Array("ok".utf8), inPiecesOf: 1000)
        #expect(whole.body == Array("ok".utf8), "the bytes that arrived with the head")
        #expect(whole.isComplete && !whole.isReusable)
    }

    /// Bytes that some servers send after a response, while the next request is in flight.
    static let rests: [(text: String, isReusable: Bool)] = [
        ("", true), ("\r\n", true), ("\n", true), ("ok", false), ("\r\n\r\n", false), ("0\r\n\r\n", false),
        ("HTTP", false), ("HHHHTTP/1", false), ("<html>", false),
    ]

    @Test("The rest of the previous response is skipped, in pieces of any size", arguments: rests)
    func rest(text: String, isReusable: Bool) {
        let bytes = Array((text + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").utf8)
        for length in 1...bytes.count {
            let reading = Self.read(bytes, inPiecesOf: length, isReused: true)
            #expect(reading.status == 200 && reading.isComplete, "\(length)")
            #expect(reading.isReusable == isReusable, "\(length)")
        }
        if !text.isEmpty { #expect(Self.read(bytes, inPiecesOf: 1000).isInvalid, "on a new connection") }
    }

    @Test("An empty line after a response belongs to it, and other late bytes are limited")
    func restBounds() {
        let response = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
        #expect(Self.read(Array((response + "\r\n").utf8), inPiecesOf: 1000).isReusable)
        #expect(!Self.read(Array((response + "\r\n\r\n").utf8), inPiecesOf: 1000).isReusable)
        #expect(!Self.read(Array((response + "HTTP/1.1 200 OK\r\n\r\n").utf8), inPiecesOf: 1000).isReusable)
        let junk = Array(repeating: UInt8(ascii: "H"), count: ResponseParser.maximumHeadLength + 1)
        #expect(Self.read(junk + Array(response.utf8), inPiecesOf: 999, isReused: true).isInvalid)
    }

    @Test("Heads and informational responses share one limit, and fields beyond the limit are skipped")
    func bounds() {
        func head(_ fields: Int) -> [UInt8] {
            Array(("HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: fields) + "\r\n").utf8)
        }
        #expect(Self.read(head(100), inPiecesOf: 999).fields?.lines.count == 100)
        #expect(Self.read(head(101), inPiecesOf: 999).fields?.lines.count == 100)
        let late = String(repeating: "A: b\r\n", count: 200) + "Retry-After: 7\r\nContent-Length: 1\r\n\r\nx"
        let reading = Self.read(Array(("HTTP/1.1 429 X\r\n" + late).utf8), inPiecesOf: 999)
        #expect(reading.fields?["Retry-After"] == "7")
        #expect(
            reading.body == [UInt8(ascii: "x")] && reading.isReusable, "fields that frame the body are always read"
        )

        let frame = "HTTP/1.1 200 OK\r\nA: \r\n\r\n".utf8.count
        for (length, isInvalid) in [
            (ResponseParser.maximumHeadLength, false), (ResponseParser.maximumHeadLength + 1, true),
        ] {
            let text = "HTTP/1.1 200 OK\r\nA: \(String(repeating: "b", count: length - frame))\r\n\r\n"
            for piece in [1, 65_536, 1_000_000] {
                #expect(Self.read(Array(text.utf8), inPiecesOf: piece).isInvalid == isInvalid)
            }
        }
        #expect(
            Self.read(Array("HTTP/1.1 200 OK\r\nA: \(String(repeating: "b", count: 70_000))".utf8), inPiecesOf: 999)
                .isInvalid)

        let early = "HTTP/1.1 102 Processing\r\n\r\n"
        let final = "HTTP/1.1 204 X\r\n\r\n"
        let most = (ResponseParser.maximumHeadLength - final.utf8.count) / early.utf8.count
        for (count, isInvalid) in [(9, false), (most, false), (most + 2, true)] {
            let text = String(repeating: early, count: count) + final
            #expect(Self.read(Array(text.utf8), inPiecesOf: 999).isInvalid == isInvalid, "\(count)")
        }
    }

    @Test("The first 16 KiB of a body are stored with any framing, and a longer body prevents reuse")
    func bodyBound() {
        let limit = WebhookResponse.maximumBodyLength
        for (length, isReusable) in [(limit, true), (limit + 1, false), (10 * limit, false)] {
            let body = String(repeating: "x", count: length)
            for text in [
                "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n\(body)",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(length, radix: 16))\r\n\(body)\r\n0\r\n\r\n",
            ] {
                for piece in [999, 1 << 20] {
                    let reading = Self.read(Array(text.utf8), inPiecesOf: piece)
                    #expect(reading.body.count == min(length, limit))
                    #expect(reading.isReusable == isReusable)
                    #expect(reading.isBodyComplete == isReusable)
                }
            }
        }
        let overhead =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\(String(repeating: "x", count: 20_000))\r\n"
        #expect(!Self.read(Array(overhead.utf8), inPiecesOf: 999).isReusable)
    }

    @Test(
        "A body is complete if its framing says where it ended",
        arguments: [
            ("HTTP/1.1 500 No\r\n\r\nuntil the end", true, true),
            ("HTTP/1.1 500 No\r\n\r\nuntil the end", false, false),
            ("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\ncut", true, false),
            ("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncut", true, false),
            ("HTTP/1.1 204 No Content\r\n\r\n", false, true),
        ])
    func bodyEnd(text: String, ends: Bool, isComplete: Bool) {
        #expect(Self.read(Array(text.utf8), inPiecesOf: 7, ends: ends).isBodyComplete == isComplete)
    }

    @Test("Mutated responses never trap and are parsed the same in pieces", arguments: 1...40)
    func mutations(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let interesting: [[UInt8]] = [
            "\r\n", "\n", "\r", ":", " ", "0", "f", "HTTP/1.1 ", "\r\n\r\n", ";", "\0", "9999999999999999999",
        ].map {
            Array($0.utf8)
        }
        for _ in 0..<250 {
            var bytes = Array(Self.responses[Int.random(in: 0..<Self.responses.count, using: &generator)].text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.insert(contentsOf: interesting.randomElement(using: &generator) ?? [], at: at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...9, using: &generator)))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let whole = Self.read(bytes, inPiecesOf: bytes.count)
            var pieces = Self.read(bytes, inPiecesOf: Int.random(in: 1...9, using: &generator))
            // In pieces, bytes after the end are recognizable because they arrive later.
            if whole.isReusable != pieces.isReusable { pieces.isReusable = false }
            // If the end of the body is unclear, only the bytes that arrived with the head are read.
            if !whole.isReusable, whole.body.starts(with: pieces.body) { pieces.body = whole.body }
            #expect(whole == pieces, "seed \(seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }
}

@Suite("RequestHead")
struct RequestHeadTests {
    static func head(_ url: String, _ headers: HeaderFields) throws -> String {
        let request = WebhookRequest(
            url: try EndpointURL(url, policy: .development), headers: headers, body: [1, 2, 3], timeout: .seconds(5))
        return String(decoding: try RequestHead(request).bytes, as: UTF8.self)
    }

    @Test("A head is written as HTTP/1.1 requires")
    func written() throws {
        #expect(
            try Self.head("https://example.com:8443/a?b", ["X-A": "b c"])
                == "POST /a?b HTTP/1.1\r\nHost: example.com:8443\r\nX-A: b c\r\nContent-Length: 3\r\n"
                + "Accept-Encoding: identity\r\n\r\n")
        #expect(try Self.head("https://[2606:4700::1111]/", [:]).contains("Host: [2606:4700::1111]\r\n"))
    }

    @Test(
        "Fields that would end a line or change the framing are rejected",
        arguments: [
            ("A", "b\r\n"), ("A", "\n"), ("A", "\0"), ("A\r\nB", "c"), ("A:", "b"), ("A ", "b"), ("", "b"),
            ("Host", "x"),
            ("content-length", "3"), ("Transfer-Encoding", "chunked"), ("Connection", "close"),
            ("Expect", "100-continue"),
            ("Accept-Encoding", "gzip"),
        ])
    func refused(name: String, value: String) throws {
        let error = try #require(throws: TransportError.self) { try Self.head("https://example.com/", [name: value]) }
        #expect(error.failure == .invalidRequest)
    }
}
