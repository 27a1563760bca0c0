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

    @Test("Each limit is allowed, and one more is refused with the reason")
    func decisions() throws {
        let limits = WebhookLimits.documented
        try limits.checkWebhooks(existing: 9)
        try limits.checkBody(bytes: 10_000_000)
        try limits.checkBacklog(open: 99_999)
        #expect(try limits.timeout(asked: nil) == .seconds(5))
        #expect(try limits.timeout(asked: .seconds(30)) == .seconds(30))
        let refused: [(LimitError.Code, () throws -> Void)] = [
            (.webhooksPerAccount, { try limits.checkWebhooks(existing: 10) }),
            (.bodyBytes, { try limits.checkBody(bytes: 10_000_001) }),
            (.bodyBytes, { try limits.checkBody(bytes: .max) }),
            (.openDeliveriesPerWebhook, { try limits.checkBacklog(open: 100_000) }),
            (.timeout, { _ = try limits.timeout(asked: .milliseconds(999)) }),
            (.timeout, { _ = try limits.timeout(asked: .seconds(31)) }),
            (.timeout, { _ = try limits.timeout(asked: .seconds(-1)) }),
        ]
        for (code, body) in refused {
            let error = try #require(throws: LimitError.self) { try body() }
            #expect(error.code == code)
            #expect(!error.hint.isEmpty)
        }
    }

    @Test("A snapshot says what is used, what is left and when that begins anew")
    func snapshot() {
        var quota = DailyQuota()
        for _ in 0..<3 { _ = quota.charge(at: DailyQuotaTests.noon, limit: 5) }
        let limits = WebhookLimits(webhooksPerAccount: 1, deliveriesPerDay: 5)
        let webhooks: [(webhook: WebhookID, quota: DailyQuota)] = [("wh_1", quota), ("wh_2", DailyQuota())]
        let snapshot = limits.snapshot(of: webhooks, at: DailyQuotaTests.noon)
        #expect(snapshot.webhooks == LimitUsage(limit: 1, used: 2))
        #expect(snapshot.webhooks.left == 0)
        #expect(snapshot.days.map(\.deliveries.left) == [2, 5])
        #expect(
            snapshot.days.map(\.deliveries.resetsAt) == Array(repeating: Timestamp(startOfUTCDay: 20_001), count: 2))
        let tomorrow = DailyQuotaTests.noon + .seconds(86_400)
        #expect(quota.usage(at: tomorrow, limit: 5).left == 5)
        #expect(
            quota.usage(at: DailyQuotaTests.noon - .seconds(86_400), limit: 5).left == 2, "no refill by stepping back")
        #expect(LimitUsage(limit: .min, used: .max).left == 0)
        #expect(DailyQuota(day: .max, used: 9).usage(at: tomorrow, limit: 5).left == 0)
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
