import Testing
import WebhookReceiving
import WebhookTesting

@Suite("Hostile input")
struct HostileInputTests {
    let clock = ManualClock()
    let secret: WebhookSecret
    let signer: WebhookSigner
    let receivers: [WebhookReceiver]

    init() throws {
        let secret = try WebhookSecret("a secret of the receiver")
        let clock = clock
        self.secret = secret
        signer = try WebhookSigner(secret)
        receivers = try [VerificationPolicy.taskFlow, .timestamped(), .either()].map { policy in
            WebhookReceiver(
                verifier: try WebhookVerifier(secret: secret, policy: policy), deduplication: InMemoryDeduplication(),
                clock: clock)
        }
    }

    private static func envelope(data: String) -> String {
        #"{"id":"evt_1","type":"task.archived","timestamp":"2024-02-10T16:45:22Z","data":"# + data
            + #","metadata":{"account_id":"acc_1"}}"#
    }

    /// Bodies that an attacker with the secret, or a broken sender, could sign.
    static let bodies: [(String, [UInt8])] = [
        ("nothing", []), ("0xFF", [0xFF]), ("10 000 of 0xFF", [UInt8](repeating: 0xFF, count: 10_000)),
        ("10⁶ brackets", [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)),
        ("10⁶ braces", Array(String(repeating: "{\"a\":", count: 200_000).utf8)),
        (
            "deep data",
            Array(
                envelope(data: String(repeating: "{\"a\":", count: 64) + "1" + String(repeating: "}", count: 64)).utf8)
        ),
        ("a lone surrogate", Array(envelope(data: #"{"a":"\ud800"}"#).utf8)),
        ("duplicate names", Array(envelope(data: #"{"a":1,"a":2}"#).utf8)),
        ("duplicate ids", Array(#"{"id":"evt_1","id":"evt_2"}"#.utf8)),
        ("a number out of range", Array(envelope(data: #"{"a":1e999}"#).utf8)),
        ("a time out of range", Array(envelope(data: "{}").replacing("2024", with: "9999999").utf8)),
        ("an id with a dot", Array(envelope(data: "{}").replacing("evt_1", with: "evt.1").utf8)),
        (
            "an id of 65 bytes",
            Array(envelope(data: "{}").replacing("evt_1", with: String(repeating: "i", count: 65)).utf8)
        ),
        ("data that is an array", Array(envelope(data: "[]").utf8)),
        (
            "a known type of another shape",
            Array(envelope(data: "{}").replacing("task.archived", with: "task.created").utf8)
        ),
    ]

    @Test("A signed body that is not an event is answered with 400", arguments: bodies.indices)
    func signedBodies(index: Int) async throws {
        let (name, body) = Self.bodies[index]
        for receiver in receivers {
            let headers = signer.headers(for: body.span, id: "evt_1", at: clock.now)
            let reply = await receiver.respond(method: "POST", headers: headers, body: body)
            #expect(reply.status == 400, "\(name)")
        }
    }

    @Test("Malformed headers are answered with 401, whatever they contain")
    func oddHeaders() async throws {
        let body = Array("{}".utf8)
        let long = String(repeating: "a", count: 1_000_000)
        let values = [
            "", "nan", "inf", "-1", "1e999", "0x7fffffffffffffff", "9223372036854775808", "\u{0}", "é\u{301}", "🎉",
            "sha256=", "v1,", "v1a,", ",", " ", "\t", String(repeating: "v1a,", count: 100_000),
            String(repeating: "v1, ", count: 250_000), "sha256=" + long, "v1," + long, long,
        ]
        for value in values {
            for name in ["X-TaskFlow-Signature", "webhook-id", "webhook-timestamp", "webhook-signature"] {
                var headers = HeaderFields()
                for field in signer.headers(for: body.span, id: "evt_1", at: clock.now).lines {
                    headers.append(field.name, field.name == name ? value : field.value)
                }
                let isRead = name == "X-TaskFlow-Signature" ? receivers[0] : receivers[1]
                let reply = await isRead.respond(method: "POST", headers: headers, body: body)
                #expect(reply.status == 401, "\(name): \(value.prefix(20))")
            }
        }
        for _ in 0..<2 {
            let headers = HeaderFields((0..<100_000).map { ("x-\($0)", "") })
            for receiver in receivers {
                #expect(await receiver.respond(method: "POST", headers: headers, body: body).status == 401)
            }
        }
    }
}
