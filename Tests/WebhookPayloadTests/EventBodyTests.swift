import TestSupport
import Testing
import WebhookEvents
import WebhookPayload

/// The table that the SQL functions and `tfhook verify --decode` are held against as well; its source is `make_bodies.py`.
@Suite("Event bodies")
struct EventBodyTests {
    @Test("Every body is decoded or refused as the table says")
    func table() throws {
        let lines = try Fixture.lines("event-bodies.jsonl")
        #expect(lines.count > 1000)
        for line in lines {
            let body = Fixture.body(of: line)
            let decodes = (try? Envelope.decode(body)) != nil
            #expect(decodes == line["decodes"]?.bool, "\(line["name"]?.string ?? "")")
        }
    }
}
