import Testing
import WebhookEvents
import WebhookLimits
import WebhookPayload

@Suite("CustomHeaders")
struct CustomHeadersTests {
    @Test("Custom fields keep their order")
    func accepted() throws {
        let fields: HeaderFields = ["Authorization": "Bearer a b", "X-Key": "", "x-tenant!#$%&'*+-.^_`|~09": "~"]
        #expect(try CustomHeaders(fields).fields == fields)
        #expect(try CustomHeaders([:]) == .none)
    }

    @Test(
        "Names and values that would change the request are rejected",
        arguments: [
            ("", "x", EndpointError.Code.headerName), ("a b", "x", .headerName), ("a:b", "x", .headerName),
            ("a\r\nb", "x", .headerName), ("é", "x", .headerName), ("a\u{0}", "x", .headerName),
            ("a\t", "x", .headerName),
            (String(repeating: "a", count: 129), "x", .headerName), ("A", "x\r\nHost: y", .headerValue),
            ("A", "x\ny", .headerValue), ("A", "x\r", .headerValue), ("A", "\u{0}", .headerValue),
            ("A", "\u{7F}", .headerValue), ("A", "é", .headerValue), ("A", " x", .headerValue),
            ("A", "x ", .headerValue),
            ("A", "x\ty", .headerValue), ("A", String(repeating: "v", count: 4097), .headersTooLarge),
            ("Host", "x", .reservedHeader), ("content-LENGTH", "1", .reservedHeader),
            ("Transfer-Encoding", "chunked", .reservedHeader), ("Connection", "close", .reservedHeader),
            ("Expect", "100-continue", .reservedHeader), ("X-TaskFlow-Signature", "x", .reservedHeader),
            ("x-taskflow-anything", "x", .reservedHeader), ("webhook-id", "x", .reservedHeader),
            ("Proxy-Authorization", "x", .reservedHeader), ("Upgrade", "h2c", .reservedHeader),
            ("Content-Type", "x", .reservedHeader), ("Content-Encoding", "gzip", .reservedHeader),
            ("X_TaskFlow_Signature", "x", .reservedHeader), ("Webhook_Id", "x", .reservedHeader),
            ("Transfer_Encoding", "chunked", .reservedHeader), ("Proxy", "x", .reservedHeader),
            ("X-HTTP-Method-Override", "DELETE", .reservedHeader), ("X-Forwarded-Port", "1", .reservedHeader),
            ("Metadata-Flavor", "Google", .reservedHeader), ("X-aws-ec2-metadata-token", "x", .reservedHeader),
            ("Idempotency-Key", "x", .reservedHeader), ("User-Agent", "x", .reservedHeader),
        ])
    func refused(name: String, value: String, code: EndpointError.Code) throws {
        let error = try #require(throws: EndpointError.self) { try CustomHeaders([name: value]) }
        #expect(error.code == code, "\(error)")
        #expect(!error.hint.isEmpty)
        #expect(value.isEmpty || value == "x" || !error.description.contains(value), "values may be secret")
    }

    @Test("Count and size are limited, and no name occurs twice")
    func bounds() throws {
        let twenty = HeaderFields((1...20).map { ("X-\($0)", "v") })
        #expect(try CustomHeaders(twenty).fields.lines.count == 20)
        var more = twenty
        more.append("X-21", "v")
        let large = HeaderFields((1...2).map { ("X-\($0)", String(repeating: "v", count: 2047)) })
        for fields in [more, large] {
            let error = try #require(throws: EndpointError.self) { try CustomHeaders(fields) }
            #expect(error.code == .headersTooLarge)
        }
        let twice = HeaderFields([("X-A", "1"), ("x-a", "2")])
        #expect(throws: EndpointError.self) { try CustomHeaders(twice) }
    }

    @Test("Descriptions and dumps do not contain values")
    func hidden() throws {
        let headers = try CustomHeaders(["Authorization": "Bearer canary-4711"])
        var dumped = ""
        dump(headers, to: &dumped)
        for text in [headers.description, headers.debugDescription, dumped, "\([headers])"] {
            #expect(!text.contains("canary"))
            #expect(text.contains("Authorization"))
        }
    }
}
