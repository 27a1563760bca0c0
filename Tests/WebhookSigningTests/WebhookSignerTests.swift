import Testing
import WebhookEvents
import WebhookPayload
import WebhookSigning

@Suite("WebhookSigner")
struct WebhookSignerTests {
    @Test("During a rotation, the TaskFlow header has one signature and the standard header has all")
    func rotation() throws {
        let (old, new) = (try WebhookSecret("the old secret text"), try WebhookSecret("the new secret text"))
        let signer = try WebhookSigner(old, additional: [new])
        let body = Array("{}".utf8)
        let alone = try WebhookSigner(old)
        #expect(signer.taskFlowSignature(of: body) == alone.taskFlowSignature(of: body))
        let moment = Timestamp(unixSeconds: 1_700_000_000)
        let both = signer.standardSignature(of: body, id: "evt_1", at: moment)
        let each = try [old, new].map { try WebhookSigner($0).standardSignature(of: body, id: "evt_1", at: moment) }
        #expect(both == each.joined(separator: " "))
    }
}
