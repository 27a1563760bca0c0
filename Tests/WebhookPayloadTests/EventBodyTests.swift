import TestSupport
import Testing
import WebhookEvents
import WebhookPayload

/// Tests with the table of `make_bodies.py`, which the SQL functions and `tfhook verify --decode` are tested with as
/// well.
@Suite("Event bodies")
struct EventBodyTests {
    @Test("Every body is decoded or rejected as in the table")
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
