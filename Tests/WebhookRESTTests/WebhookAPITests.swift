import Foundation
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookREST
import WebhookTesting

@Suite("WebhookAPI")
struct WebhookAPITests {
    let clock = ManualClock(now: Timestamp(unixSeconds: 1_707_577_200))  // 2024-02-10T15:00:00Z
    let store: InMemoryStore
    let service: WebhookService
    let api: WebhookAPI

    init() {
        store = InMemoryStore(clock: clock)
        service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: [200]), clock: clock,
            random: SeededRandomSource(seed: 1))
        api = WebhookAPI(service: service)
    }

    /// A response, and its body as JSON.
    struct Answer {
        let response: APIResponse
        let document: JSONValue

        var status: Int { response.status }
        subscript(name: String) -> JSONValue? { document[name] }
        var code: String? { document["code"]?.string }
    }

    func ask(
        _ method: String, _ path: String, _ query: String = "", body: JSONValue? = nil,
        account: AccountID? = "acc_123", api: WebhookAPI? = nil
    ) async throws -> Answer {
        try await ask(method, path, query, bytes: body?.encoded() ?? [], account: account, api: api)
    }

    func ask(
        _ method: String, _ path: String, _ query: String = "", bytes: [UInt8], account: AccountID? = "acc_123",
        headers: HeaderFields = ["Content-Type": "application/json; charset=utf-8"], api: WebhookAPI? = nil
    ) async throws -> Answer {
        let request = APIRequest(
            method: method, path: path, query: query, headers: headers, body: bytes,
            principal: account.map { APIPrincipal(accountID: $0) })
        let response = await (api ?? self.api).respond(to: request)
        let document = response.body.isEmpty ? .null : try JSONValue(parsing: response.body)
        return Answer(response: response, document: document)
    }

    func fixture(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Array(Data(contentsOf: Fixture.url("product-page/\(name).json"))))
    }

    func register(_ number: Int = 0, account: AccountID = "acc_123") async throws -> WebhookID {
        clock.advance(by: .milliseconds(1))
        return try await service.register(
            WebhookRegistration(url: "https://yourapp.com/\(number)", events: [.all], secret: .generate()),
            account: account
        ).id
    }

    // MARK: - The product page

    @Test("The response to the product page's registration matches the page in every member and omits the secret")
    func documentedRegistration() async throws {
        let page = try fixture("registered")
        let answer = try await ask("POST", "/v2/webhooks", body: fixture("registration"))
        #expect(answer.status == 201)
        let id = try #require(answer["id"]?.string)
        #expect(answer.response.headers["Location"] == "/v2/webhooks/\(id)")
        for member in try #require(page.object).members where member.name != "id" {
            #expect(answer[member.name]?.encoded() == member.value.encoded(), "\(member.name)")
        }
        let names = answer.document.object?.members.map(\.name) ?? []
        #expect(Array(names.prefix(7)) == page.object?.members.map(\.name))
        #expect(answer["secret"] == nil)
        let shown = try await ask("GET", "/v2/webhooks/\(id)")
        #expect(shown.document == answer.document)
        // The page's secret signs the request.
        let report = try #require(
            try await service.test(WebhookID(unchecked: id), account: "acc_123", with: .taskCreated))
        #expect(report.isSuccess)
    }

    @Test("The product page's webhook is shown byte for byte as on the page, except for white space")
    func documentedWebhook() async throws {
        let webhook = Webhook(
            id: "wh_abc123", accountID: "acc_123", url: "https://yourapp.com/webhooks/taskflow",
            events: [.taskCreated, .taskUpdated, .taskCompleted], createdAt: clock.now)
        let secret = try WebhookSecret("your_generated_secret_key")
        try await store.create(
            RegisteredWebhook(webhook: webhook, secrets: SecretRotation(secret)), limits: .standard)
        let answer = try await ask("GET", "/v2/webhooks/wh_abc123")
        let page = try fixture("registered").encoded()
        #expect(answer.response.body.starts(with: page.dropLast()))
        #expect(answer.response.headers["Content-Type"] == "application/json")
    }

    @Test("The product page's test is sent, and its outcome is in the response")
    func documentedTest() async throws {
        let id = try await register()
        let answer = try await ask("POST", "/v2/webhooks/\(id)/test", body: fixture("test"))
        #expect(answer.status == 200)
        #expect(answer["success"] == true)
        #expect(answer["status"] == "delivered")
        #expect(answer["status_code"] == 200)
        let rows = try await ask("GET", "/v2/webhooks/\(id)/deliveries")
        #expect(rows["data"]?.array?.first?["id"] == answer["id"])
        #expect(rows["data"]?.array?.first?["trigger"] == "test")
        #expect(rows["data"]?.array?.first?["max_attempts"] == 1)
    }

    @Test("Deliveries show the status code and the response time of every attempt")
    func documentedDeliveries() async throws {
        let transport = ScriptedTransport { [clock] _, number in
            clock.advance(by: .milliseconds(98))
            return WebhookResponse(status: number == 1 ? 503 : 204)
        }
        let service = WebhookService(
            store: store, transport: transport, clock: clock, random: SeededRandomSource(seed: 2))
        let id = try await register()
        let task = TaskObject(
            id: "task_1", title: "T", createdAt: clock.now, updatedAt: clock.now, url: "https://a.example/")
        let receipt = try await service.publish(TaskCreated(task), account: "acc_123")
        async let run: Void = service.run()
        let leased = Delivery.Query(accountID: "acc_123", phases: [.delivering])
        while try await service.deliveryCounts().open > 0 {
            let sleep = await clock.waitForSleeper()
            // The transport advances the clock itself, so the test must not while a request is in flight.
            if try await service.deliveries(leased).isEmpty { clock.advance(by: sleep) } else { await Task.yield() }
        }
        service.stop()
        try await run
        let row = try #require(try await ask("GET", "/v2/webhooks/\(id)/deliveries")["data"]?.array?.first)
        #expect(row["event_id"] == .string(receipt.eventID.rawValue))
        #expect(row["status"] == "delivered")
        #expect(row["attempt_count"] == 2)
        #expect(row["max_attempts"] == 6)
        #expect(row["next_attempt_at"] == .null)
        let attempts = try #require(row["attempts"]?.array)
        #expect(attempts.map { $0["status_code"] } == [503, 204])
        #expect(attempts.map { $0["response_time_ms"] } == [98, 98])
        #expect(attempts.map { $0["error_type"] } == ["503", .null])
        #expect(try await ask("GET", "/v2/webhooks/\(id)/deliveries", "status=retrying")["data"] == [])
    }

    // MARK: - Webhooks

    @Test("A webhook with every member is registered, and shown without its secrets")
    func everything() async throws {
        let body: JSONValue = [
            "url": "https://yourapp.com/hook", "events": ["task.*", "comment.created", "task.*"], "enabled": false,
            "format": "cloudevents", "ordering": "resource",
            "timeout_seconds": .number(JSONValue.Number(2.5) ?? JSONValue.Number(2)),
            "rate_per_second": 20, "headers": ["Authorization": "Bearer key"], "retry": ["schedule_seconds": [1, 60]],
        ]
        let answer = try await ask("POST", "/v2/webhooks", body: body)
        #expect(answer.status == 201)
        let secret = try #require(answer["secret"]?.string)
        #expect(secret.hasPrefix("whsec_"))
        #expect(answer["events"] == ["task.*", "comment.created"])
        #expect(answer["state"] == "disabled")
        #expect(answer["timeout_seconds"]?.encoded() == Array("2.5".utf8))
        #expect(answer["retry"] == ["schedule_seconds": [1, 60], "max_attempts": 3])
        #expect(answer["header_names"] == ["Authorization"])
        #expect(answer["stats"]?["success_rate"] == .null)
        let id = try #require(answer["id"]?.string)
        let shown = try await ask("GET", "/v2/webhooks/\(id)")
        #expect(shown["secret"] == nil)
        #expect(!String(decoding: shown.response.body, as: UTF8.self).contains("Bearer key"))
    }

    @Test(
        "A field's location is a JSON pointer, escaped by code points (RFC 6901, section 3)",
        arguments: [("a/b", "/a~1b"), ("a~b", "/a~0b"), ("a/\u{301}b", "/a~1\u{301}b"), ("~\u{308}/", "/~0\u{308}~1")])
    func pointers(name: String, pointer: String) async throws {
        var body = JSONValue.Members()
        body[name] = 1
        let answer = try await ask("POST", "/v2/webhooks", body: .object(body))
        let found = answer["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? []
        // Compared by bytes: Swift considers canonically equivalent strings equal.
        #expect(found.map { Array($0.utf8) }.contains(Array(pointer.utf8)), "\(found)")
    }

    @Test("One response lists every fault of a registration, each with its location, a code and a hint")
    func allFaults() async throws {
        let body: JSONValue = [
            "url": "http://10.0.0.1/", "events": ["task.created", "task.deletd", 7], "secret": "short",
            "enabled": "yes", "timeout_seconds": 31, "rate_per_second": 0, "headers": ["Host": "x"],
            "retry": ["schedule_seconds": [0]], "ordering": "strict", "format": "xml", "colour": "blue",
        ]
        let answer = try await ask("POST", "/v2/webhooks", body: body)
        #expect(answer.status == 422)
        #expect(answer.code == "validation_failed")
        #expect(answer["type"] == "https://docs.taskflow.example/errors/validation_failed")
        #expect(answer.response.headers["Content-Type"] == "application/problem+json")
        let errors = try #require(answer["errors"]?.array)
        let found = Set(errors.compactMap { $0["pointer"]?.string })
        #expect(
            found == [
                "/url", "/events/1", "/events/2", "/secret", "/enabled", "/timeout_seconds", "/rate_per_second",
                "/headers", "/retry/schedule_seconds", "/ordering", "/format", "/colour",
            ])
        for error in errors {
            #expect(error["code"]?.string?.isEmpty == false)
            #expect(error["message"]?.string?.isEmpty == false)
            #expect(error["hint"]?.string?.isEmpty == false)
        }
        #expect(try await service.webhooks(of: "acc_123").isEmpty)
    }

    @Test(
        "Every invalid body is rejected with a reason",
        arguments: [
            ("", 400), ("{", 400), ("[]", 422), ("null", 422), ("{}", 422), ("\u{FEFF}{}", 400),
            (#"{"url":1,"url":2}"#, 400), (#"{"url":null,"events":[]}"#, 422),
            (#"{"url":"https://a.example/","events":"task.created"}"#, 422),
            (#"{"url":"https://a.example/","events":["*"],"timeout_seconds":1e400}"#, 400),
            (#"{"url":"https://a.example/","events":["*"],"timeout_seconds":-1}"#, 422),
            (#"{"url":"https://a.example/","events":["*"],"rate_per_second":99999999999999999999}"#, 422),
            (#"{"url":"https://a.example/","events":["*"],"retry":{"schedule_seconds":[99999999999]}}"#, 422),
            (#"{"url":"https://a.example/","events":["*"],"retry":{"preset":"never"}}"#, 422),
            (#"{"url":"https://a.example/","events":["*"],"retry":{}}"#, 422),
            (#"{"url":"https://a.example/","events":["*"],"a/b~c":1}"#, 422),
        ] as [(String, Int)])
    func garbage(body: String, status: Int) async throws {
        let answer = try await ask("POST", "/v2/webhooks", bytes: Array(body.utf8))
        #expect(answer.status == status, "\(answer.document)")
        #expect(answer["detail"]?.string?.isEmpty == false)
        #expect(try await service.webhooks(of: "acc_123").isEmpty)
    }

    @Test("A garbage body does not get a larger response")
    func manyFaults() async throws {
        let zeros = "{\"url\":\"https://a.example/\",\"events\":[\(String(repeating: "0,", count: 100_000))0]}"
        let names = "{\((0..<10_000).map { "\"x\($0)\":1" }.joined(separator: ","))}"
        for body in [zeros, names] {
            let answer = try await ask("POST", "/v2/webhooks", bytes: Array(body.utf8))
            #expect(answer.status == 422)
            #expect(answer["errors"]?.array?.count == 50)
            #expect(answer.response.body.count < 65_536)
        }
    }

    @Test("The eleventh webhook is rejected, and deleting one makes room")
    func limit() async throws {
        let body: JSONValue = ["url": "https://yourapp.com/", "events": ["*"]]
        var ids: [String] = []
        for _ in 0..<10 { ids.append(try #require(try await ask("POST", "/v2/webhooks", body: body)["id"]?.string)) }
        let refused = try await ask("POST", "/v2/webhooks", body: body)
        #expect((refused.status, refused.code) == (409, "webhook_limit_reached"))
        #expect(try await ask("DELETE", "/v2/webhooks/\(ids[3])").status == 204)
        #expect(try await ask("DELETE", "/v2/webhooks/\(ids[3])").status == 404)
        #expect(try await ask("POST", "/v2/webhooks", body: body).status == 201)
    }

    @Test("An exhausted daily quota is answered with the time until it resets")
    func quotaExhausted() async throws {
        let service = WebhookService(
            store: store, transport: ScriptedTransport(statuses: [200]), clock: clock,
            random: SeededRandomSource(seed: 3),
            limits: ServiceLimits(deliveriesPerDay: 1))
        let id = try await register()
        let api = WebhookAPI(service: service)
        let body = try fixture("test")
        #expect(try await ask("POST", "/v2/webhooks/\(id)/test", body: body, api: api).status == 200)
        let refused = try await ask("POST", "/v2/webhooks/\(id)/test", body: body, api: api)
        #expect((refused.status, refused.code) == (429, "daily_limit_reached"))
        // Nine hours until midnight.
        let wait = try #require(refused.response.headers["Retry-After"].flatMap { Int($0) })
        #expect((32_400 - 1...32_401).contains(wait))
    }
}
