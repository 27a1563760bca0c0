import Testing
import WebhookEvents
import WebhookPayload

@Suite("CloudEvents")
struct CloudEventsTests {
    // Source of the encoding: CloudEvents 1.0.2, HTTP Protocol Binding, section 3.1.3.2, with its example "Euro € 😀".
    @Test("The headers repeat the envelope, percent-encoded where necessary")
    func headers() throws {
        let metadata = EventMetadata(accountID: "acc_123", orderingKey: "Euro € 😀 \"100%\"")
        let envelope = try Envelope(
            .unknown(UnknownEvent(type: #require(EventType("task.archived")), data: Array("{}".utf8))), id: "evt_1",
            timestamp: Timestamp(unixSeconds: 1_707_583_522), metadata: metadata)
        let expected: HeaderFields = [
            "ce-specversion": "1.0", "ce-id": "evt_1", "ce-source": "/accounts/acc_123",
            "ce-type": "com.taskflow.task.archived", "ce-time": "2024-02-10T16:45:22Z",
            "ce-subject": "Euro%20%E2%82%AC%20%F0%9F%98%80%20%22100%25%22",
        ]
        #expect(envelope.cloudEventsHeaders() == expected)
    }

    @Test("An event without an ordering key has no subject")
    func subject() throws {
        let envelope = try Envelope(
            .unknown(UnknownEvent(type: #require(EventType("task.archived")), data: Array("{}".utf8))), id: "evt_1",
            timestamp: Timestamp(unixSeconds: 0), metadata: EventMetadata(accountID: "acc_123"))
        #expect(envelope.cloudEventsHeaders()["ce-subject"] == nil)
    }
}
