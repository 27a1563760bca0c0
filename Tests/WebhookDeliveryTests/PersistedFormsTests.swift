import Foundation
import TaskFlowWebhooks
import TestSupport
import Testing

/// Stored values must stay readable forever; the fixtures were written by version 1.
@Suite("Persisted forms")
struct PersistedFormsTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        var bytes = try [UInt8](Data(contentsOf: Fixture.url("persisted/\(name)")))
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return bytes
    }

    @Test("Health of version 1 is decoded, and encoded identically")
    func health() throws {
        let kept = try bytes("webhook-health-1.json")
        let health = Webhook.Health(stored: kept)
        #expect(health.failingSince == Timestamp(unixSeconds: 1_707_583_522))
        #expect(health.warned == .most)
        #expect(health.breaker.pausedUntil == Timestamp(unixSeconds: 1_707_583_562))
        #expect([health.breaker.failures, health.breaker.breaks, health.breaker.allowance] == [4, 2, 1])
        #expect(health.rate.next == Timestamp(microseconds: 1_707_583_523_500_000))
        #expect(health.stored == kept)
    }

    @Test(
        "Unreadable health counts as unknown",
        arguments: ["", "{}", "[1]", #"{"version":2,"failures":3}"#, #"{"version":1,"warned":71,"allowance":-5}"#])
    func unreadableHealth(text: String) {
        let health = Webhook.Health(stored: Array(text.utf8))
        #expect(health.warned == nil)
        #expect(health.breaker.failures == 0)
        #expect(health.breaker.allowance.map { $0 > 0 } ?? true)
        #expect(Webhook.Health(stored: Webhook.Health().stored) == Webhook.Health())
    }

    @Test("A receipt of version 1 is decoded, and encoded identically")
    func receipt() throws {
        let kept = try bytes("publish-receipt-1.json")
        let receipt = try #require(PublishReceipt(duplicateOf: "evt_1", storedEntries: kept))
        #expect(receipt.isDuplicate)
        #expect(receipt.deliveryIDs == ["del_1"])
        #expect(receipt.entries.map(\.result) == [.delivery("del_1"), .skipped(.disabled), .skipped(.backlogFull)])
        #expect(receipt.storedEntries == kept)
    }

    @Test(
        "An unreadable receipt is nil",
        arguments: [
            "", "{}", #"{"version":2,"entries":[]}"#, #"{"version":1,"entries":[{"webhook":"wh 1"}]}"#,
            #"{"version":1,"entries":[{"webhook":"wh_1","skipped":"never heard of"}]}"#,
        ])
    func unreadableReceipt(text: String) {
        #expect(PublishReceipt(duplicateOf: "evt_1", storedEntries: Array(text.utf8)) == nil)
    }

    @Test("An exchange of version 1 is decoded, and encoded identically")
    func exchange() throws {
        let kept = try bytes("attempt-exchange-1.json")
        let exchange = try Attempt.Exchange(stored: kept)
        #expect(exchange.url == "https://example.com/hook")
        #expect(exchange.address?.description == "2001:db8::1")
        #expect(exchange.requestHeaders["authorization"] == Attempt.Exchange.hiddenValue)
        #expect(exchange.requestLength == 512)
        #expect(exchange.response?.headers["retry-after"] == "120")
        #expect(exchange.response?.bodyLength == 16_384)
        #expect(exchange.response?.isBodyComplete == false)
        #expect(exchange.stored == kept)
    }

    @Test(
        "An unreadable exchange is refused",
        arguments: [
            "", "{}", #"{"version":2,"url":"x","length":1,"request":[]}"#,
            #"{"version":1,"url":"x","length":1,"request":["odd"]}"#,
            #"{"version":1,"url":"x","length":1,"request":[1,2]}"#,
        ])
    func unreadableExchange(text: String) {
        #expect(throws: DeliveryError.self) { try Attempt.Exchange(stored: Array(text.utf8)) }
    }

    @Test("Timings of version 1 are decoded, and encoded identically")
    func timings() throws {
        let kept = String(decoding: try bytes("phase-timings-1.txt"), as: UTF8.self)
        let timings = try WebhookResponse.PhaseTimings(stored: kept)
        #expect(timings.lookup == .microseconds(1200))
        #expect(timings.tls == nil)
        #expect(timings.stored == kept)
        for text in ["", "1", "2 0 0 0 0 0 0", "1 0 0 0 0 0", "1 0 0 x 0 0 0"] {
            #expect((try? WebhookResponse.PhaseTimings(stored: text)) == nil, "\(text)")
        }
    }
}
