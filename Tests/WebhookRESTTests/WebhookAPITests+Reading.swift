import Synchronization
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookREST
import WebhookStoreKit
import WebhookTesting

extension WebhookAPITests {
    // MARK: - Pages

    @Test("Pages list all webhooks, newest first, and do not shift while webhooks are created and deleted")
    func webhookPages() async throws {
        var ids: [WebhookID] = []
        for number in 0..<7 { ids.append(try await register(number)) }
        var (query, seen, pages): (String, [String], Int) = ("limit=3", [], 0)
        while true {
            let answer = try await ask("GET", "/v2/webhooks", query)
            #expect(answer.status == 200)
            seen += try #require(answer["data"]?.array).compactMap { $0["id"]?.string }
            pages += 1
            guard let next = answer["next_cursor"]?.string else {
                #expect(answer["has_more"] == false)
                #expect(answer.response.headers["Link"] == nil)
                break
            }
            #expect(answer["has_more"] == true)
            #expect(answer.response.headers["Link"] == "</v2/webhooks?limit=3&cursor=\(next)>; rel=\"next\"")
            // Deletes the webhook that the cursor names, and adds a new one.
            _ = try await service.delete(WebhookID(unchecked: seen[seen.count - 1]), account: "acc_123")
            _ = try await register(100 + pages)
            query = "limit=3&cursor=\(next)"
        }
        #expect(pages == 3)
        #expect(seen == ids.reversed().map(\.rawValue))
    }

    @Test("Pages list all deliveries, newest first, with and without filters")
    func deliveryPages() async throws {
        let id = try await register()
        let type = try #require(EventType("thing.made"))
        for number in 0..<5 {
            clock.advance(by: .seconds(1))
            try await service.publish(
                Envelope(
                    type: number == 2 ? .commentCreated : type, data: number == 2 ? Self.comment : Array("{}".utf8),
                    id: EventID(unchecked: "evt_\(number)"), timestamp: clock.now,
                    metadata: EventMetadata(accountID: "acc_123")))
        }
        func events(_ query: String) async throws -> [String] {
            var (query, seen) = (query, [String]())
            while true {
                let answer = try await ask("GET", "/v2/webhooks/\(id)/deliveries", query)
                #expect(answer.status == 200, "\(answer.document)")
                seen += (answer["data"]?.array ?? []).compactMap { $0["event_id"]?.string }
                guard let link = answer.response.headers["Link"] else { return seen }
                query = String(link.split(separator: "?")[1].split(separator: ">")[0])
            }
        }
        #expect(try await events("") == ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"])
        #expect(try await events("limit=2") == ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"])
        #expect(try await events("limit=1&event_type=comment.created") == ["evt_2"])
        #expect(try await events("event_id=evt_3") == ["evt_3"])
        #expect(try await events("status=pending&limit=4").count == 5)
        #expect(try await events("status=delivered").isEmpty)
        let middle = (clock.now - .seconds(2)).description
        #expect(try await events("since=\(middle)&limit=1") == ["evt_4", "evt_3", "evt_2"])
        #expect(try await events("until=\(middle)") == ["evt_1", "evt_0"])
    }

    private static let comment = Array(
        #"{"id":"c","body":"B","author":{"id":"u","type":"user","name":"N"},"task":{"id":"t","title":"T","status":"open","priority":"low"},"created_at":"2024-02-10T16:45:22Z"}"#
            .utf8)

    @Test(
        "An invalid query is rejected with a reason",
        arguments: [
            "limit=0", "limit=101", "limit=abc", "limit=%zz", "limit=1&limit=2", "cursor=", "cursor=AAAA", "cursor=%00",
            "cursor=ZGVsLg", "status=done", "statuss=failed", "since=yesterday", "event_id=a.b", "event_type=%20", "=",
            "a",
            "limit=1&", "cursor=\u{0}",
        ])
    func badQueries(query: String) async throws {
        let id = try await register()
        let answer = try await ask("GET", "/v2/webhooks/\(id)/deliveries", query)
        if query == "limit=1&" {
            #expect(answer.status == 200)
        } else {
            #expect((answer.status, answer.code) == (400, "invalid_parameter"), "\(answer.document)")
        }
    }

    @Test("The detail explains that “+” in a query means a space, because no client encodes it by itself")
    func plus() async throws {
        let id = try await register()
        let answer = try await ask("GET", "/v2/webhooks/\(id)/deliveries", "since=2024-02-10T17:45:22+01:00")
        #expect(answer.status == 400 && "\(answer.document)".contains("%2B"))
        let encoded = try await ask("GET", "/v2/webhooks/\(id)/deliveries", "since=2024-02-10T17:45:22%2B01:00")
        #expect(encoded.status == 200)
    }

    @Test("A cursor of another list is rejected")
    func foreignCursor() async throws {
        for number in 0..<3 { _ = try await register(number) }
        let id = try await register(3)
        let cursor = try #require(try await ask("GET", "/v2/webhooks", "limit=1")["next_cursor"]?.string)
        #expect(try await ask("GET", "/v2/webhooks/\(id)/deliveries", "cursor=\(cursor)").status == 400)
    }

    @Test("The enabled filter separates enabled from disabled webhooks")
    func enabledFilter() async throws {
        let (on, off) = (try await register(1), try await register(2))
        try await service.disable(off, account: "acc_123")
        func ids(_ query: String) async throws -> [String?]? {
            try await ask("GET", "/v2/webhooks", query)["data"]?.array?.map { $0["id"]?.string }
        }
        #expect(try await ids("enabled=true") == [on.rawValue])
        #expect(try await ids("enabled=false") == [off.rawValue])
        #expect(try await ask("GET", "/v2/webhooks", "enabled=1").status == 400)
    }

    // MARK: - Rejected requests

    @Test("The response for another account's webhook is byte for byte the response for an unknown one")
    func strangers() async throws {
        let theirs = try await register(account: "acc_other")
        let test = try fixture("test")
        for (method, rest, body) in [
            ("GET", "", nil), ("DELETE", "", nil), ("GET", "/deliveries", nil), ("POST", "/test", test),
        ] as [(String, String, JSONValue?)] {
            let foreign = try await ask(method, "/v2/webhooks/\(theirs)\(rest)", body: body)
            let unknown = try await ask(method, "/v2/webhooks/wh_unknown\(rest)", body: body)
            #expect(foreign.status == 404, "\(method) \(rest)")
            #expect(foreign.response.headers == unknown.response.headers)
            let text = String(decoding: foreign.response.body, as: UTF8.self)
            #expect(
                text.replacing(theirs.rawValue, with: "wh_unknown")
                    == String(decoding: unknown.response.body, as: UTF8.self))
        }
        #expect(try await ask("GET", "/v2/webhooks")["data"] == [])
        #expect(try await service.webhooks(of: "acc_other").count == 1)
        #expect(try await service.deliveryCounts().accepted == 0)
    }

    @Test(
        "Unknown paths are answered with 404",
        arguments: [
            "", "/", "/v2", "/v2/", "/v2webhooks", "/v2beta/webhooks", "/v2%2f/webhooks", "/v2>; rel=\"x\"/webhooks",
            "/v1/webhooks", "/v2/webhooks/", "/v2//webhooks", "/v2/webhooks/a/b",
            "/v2/webhooks/wh_1/deliveries/", "/v2/webhooks/%zz", "/v2/webhooks/..%2f..", "/v2/webhooks/\u{0}",
        ])
    func nowhere(path: String) async throws {
        #expect(try await ask("GET", path).status == 404)
    }

    @Test("Unauthenticated requests get 401, 405 lists the allowed methods, and HEAD is GET without a body")
    func protocolRules() async throws {
        let id = try await register()
        #expect(try await ask("GET", "/v2/webhooks", account: nil).status == 401)
        for (path, allowed) in [
            ("/v2/webhooks", "GET, HEAD, POST"), ("/v2/webhooks/\(id)", "GET, HEAD, DELETE"),
            ("/v2/webhooks/\(id)/deliveries", "GET, HEAD"), ("/v2/webhooks/\(id)/test", "POST"),
        ] {
            let answer = try await ask("PUT", path)
            #expect(answer.status == 405)
            #expect(answer.response.headers["Allow"] == allowed)
        }
        let (get, head) = (try await ask("GET", "/v2/webhooks/\(id)"), try await ask("HEAD", "/v2/webhooks/\(id)"))
        #expect(head.status == 200 && head.response.body.isEmpty && !get.response.body.isEmpty)
        #expect(head.response.headers == get.response.headers)
        // Identifiers may be percent-encoded.
        #expect(try await ask("GET", "/v2/webhooks/" + id.rawValue.replacing("_", with: "%5F")).status == 200)
    }

    @Test("Bodies that are too large or not declared as JSON are rejected")
    func bodies() async throws {
        let large = [UInt8](repeating: UInt8(ascii: " "), count: WebhookAPI.maximumBodyLength + 1)
        #expect(try await ask("POST", "/v2/webhooks", bytes: large).status == 413)
        let body = try fixture("registration").encoded()
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
            #expect(try await ask("POST", "/v2/webhooks", bytes: body, headers: ["Content-Type": type]).status == 415)
        }
        #expect(try await ask("POST", "/v2/webhooks", bytes: body, headers: [:]).status == 201)
    }

    @Test("A store failure is answered with 503 and reveals nothing")
    func unavailable() async throws {
        let service = WebhookService(
            store: BrokenStore(store), transport: ScriptedTransport(statuses: []), clock: clock,
            random: SeededRandomSource(seed: 4))
        let told = Mutex<[String]>([])
        let api = WebhookAPI(service: service) { error, _ in told.withLock { $0.append("\(error)") } }
        let answer = try await ask("GET", "/v2/webhooks", api: api)
        #expect(told.withLock { $0 } == ["the password is swordfish"])
        #expect((answer.status, answer.code) == (503, "unavailable"))
        #expect(answer.response.headers["Retry-After"] == "1")
        #expect(!String(decoding: answer.response.body, as: UTF8.self).contains("password"))
    }

    @Test("Random queries and bodies on every route get a JSON document, never a 5xx")
    func random() async throws {
        let id = try await register()
        var chance = SeededGenerator(seed: 2024)
        func pick<Element>(_ elements: [Element]) -> Element { elements[Int(chance.next() % UInt64(elements.count))] }
        let pieces = [
            "limit=", "cursor=", "status=", "since=", "enabled=", "&", "=", "%", "%41", "+", "9", "true", "failed",
            "\u{1F4A9}", "\0", "2024-02-10T16:45:22Z", "ZGVsLg",
        ]
        let bodies = try [fixture("registration").encoded(), fixture("test").encoded()]
        let routes = [
            ("GET", "/v2/webhooks"), ("POST", "/v2/webhooks"), ("GET", "/v2/webhooks/\(id)"),
            ("GET", "/v2/webhooks/\(id)/deliveries"), ("POST", "/v2/webhooks/\(id)/test"), ("BREW", "/v2/webhooks"),
            ("GET", "/v2/webhooks/\(id)/\u{1F4A9}"),
        ]
        var statuses: [Int: Int] = [:]
        for _ in 0..<3000 {
            let (method, path) = pick(routes)
            let query = (0..<pick([0, 0, 1, 2, 3, 6])).map { _ in pick(pieces) }.joined()
            var body = pick(bodies)
            for _ in 0..<pick([0, 1, 1, 4]) {
                let place = Int(chance.next() % UInt64(body.count))
                body[place] = pick([body[place], 0x20, 0x22, 0x2C, 0x30, 0x5B, 0x7B, 0x7D, UInt8(chance.next() & 255)])
            }
            let answer = try await ask(method, path, query, bytes: body)
            #expect((200..<500).contains(answer.status), "\(method) \(path)?\(query): \(answer.status)")
            statuses[answer.status, default: 0] += 1
        }
        // The random requests reached every kind of response.
        for status in [200, 201, 400, 404, 405, 409, 422] { #expect(statuses[status, default: 0] > 0, "\(status)") }
    }
}

/// A store that always fails, with an error that contains a password.
private final class BrokenStore: ForwardingStore {
    let base: any WebhookStore
    init(_ base: any WebhookStore) { self.base = base }

    struct Failure: Error, CustomStringConvertible {
        let description = "the password is swordfish"
    }

    func webhooks(of account: AccountID) async throws -> [Webhook] { throw Failure() }
}
