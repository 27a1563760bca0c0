import Testing
import WebhookEvents
import WebhookLimits

@Suite("WebhookLimits")
struct WebhookLimitsTests {
    @Test("The documented limits")
    func documented() {
        let limits = WebhookLimits.documented
        #expect(limits.webhooksPerAccount == 10)
        #expect(limits.deliveriesPerDay == 1000)
        #expect(limits.bodyBytes == 10_000_000)
        #expect(limits.timeout == .seconds(5))
    }
}

@Suite("DailyQuota")
struct DailyQuotaTests {
    static let noon = Timestamp(unixSeconds: 20_000 * 86_400 + 43_200)

    @Test("The limit is exact, and the next day begins at midnight UTC")
    func limit() {
        var quota = DailyQuota()
        for _ in 0..<1000 { #expect(quota.charge(at: Self.noon, limit: 1000) == .charged) }
        let midnight = Timestamp(startOfUTCDay: 20_001)
        #expect(quota.charge(at: Self.noon, limit: 1000) == .exhausted(until: midnight))
        #expect(quota.charge(at: midnight - .microseconds(1), limit: 1000) == .exhausted(until: midnight))
        #expect(quota.charge(at: midnight, limit: 1000) == .charged)
        #expect(quota.used == 1)
    }

    @Test("A clock that steps back over midnight refills nothing")
    func stepBack() {
        var quota = DailyQuota()
        let tomorrow = Self.noon + .seconds(86_400)
        #expect(quota.charge(at: tomorrow, limit: 1) == .charged)
        #expect(quota.charge(at: Self.noon, limit: 1) == .exhausted(until: Timestamp(startOfUTCDay: 20_002)))
        #expect(quota.charge(at: tomorrow, limit: 1) == .exhausted(until: Timestamp(startOfUTCDay: 20_002)))
    }
}
