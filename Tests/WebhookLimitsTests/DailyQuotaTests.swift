import Testing
import WebhookEvents
import WebhookLimits

@Suite("ServiceLimits")
struct WebhookLimitsTests {
    @Test("The documented limits")
    func documented() {
        let limits = ServiceLimits.standard
        #expect(limits.webhooksPerAccount == 10)
        #expect(limits.deliveriesPerDay == 1000)
        #expect(limits.bodyBytes == 10_000_000)
        #expect(limits.timeout == .seconds(5))
    }

    @Test("A value at the limit is allowed, and one more is rejected with the reason")
    func decisions() throws {
        let limits = ServiceLimits.standard
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

    @Test("A snapshot contains what is used, what is left and when the usage resets")
    func snapshot() {
        var quota = DailyQuota()
        for _ in 0..<3 { _ = quota.charge(now: DailyQuotaTests.noon, limit: 5) }
        let limits = ServiceLimits(webhooksPerAccount: 1, deliveriesPerDay: 5)
        let webhooks: [(webhook: WebhookID, quota: DailyQuota)] = [("wh_1", quota), ("wh_2", DailyQuota())]
        let snapshot = limits.snapshot(of: webhooks, now: DailyQuotaTests.noon)
        #expect(snapshot.webhooks == ServiceLimits.Snapshot.Usage(limit: 1, used: 2))
        #expect(snapshot.webhooks.left == 0)
        #expect(snapshot.days.map(\.deliveries.left) == [2, 5])
        #expect(
            snapshot.days.map(\.deliveries.resetsAt) == Array(repeating: Timestamp(startOfUTCDay: 20_001), count: 2))
        let tomorrow = DailyQuotaTests.noon + .seconds(86_400)
        #expect(quota.usage(now: tomorrow, limit: 5).left == 5)
        #expect(
            quota.usage(now: DailyQuotaTests.noon - .seconds(86_400), limit: 5).left == 2, "no refill by stepping back")
        #expect(ServiceLimits.Snapshot.Usage(limit: .min, used: .max).left == 0)
        #expect(DailyQuota(day: .max, used: 9).usage(now: tomorrow, limit: 5).left == 0)
    }
}

@Suite("DailyQuota")
struct DailyQuotaTests {
    static let noon = Timestamp(unixSeconds: 20_000 * 86_400 + 43_200)

    @Test("The limit is exact, and the next day begins at midnight UTC")
    func limit() {
        var quota = DailyQuota()
        for _ in 0..<1000 { #expect(quota.charge(now: Self.noon, limit: 1000) == .charged) }
        let midnight = Timestamp(startOfUTCDay: 20_001)
        #expect(quota.charge(now: Self.noon, limit: 1000) == .exhausted(until: midnight))
        #expect(quota.charge(now: midnight - .microseconds(1), limit: 1000) == .exhausted(until: midnight))
        #expect(quota.charge(now: midnight, limit: 1000) == .charged)
        #expect(quota.used == 1)
    }

    @Test("A clock that steps back over midnight refills nothing")
    func stepBack() {
        var quota = DailyQuota()
        let tomorrow = Self.noon + .seconds(86_400)
        #expect(quota.charge(now: tomorrow, limit: 1) == .charged)
        #expect(quota.charge(now: Self.noon, limit: 1) == .exhausted(until: Timestamp(startOfUTCDay: 20_002)))
        #expect(quota.charge(now: tomorrow, limit: 1) == .exhausted(until: Timestamp(startOfUTCDay: 20_002)))
    }
}

@Suite("ServiceLimits.AccountDay")
struct AccountDayTests {
    private let now = Timestamp(unixSeconds: 1_707_583_522)
    private let day = Duration.seconds(86_400)

    private func quota(_ used: Int) -> DailyQuota { DailyQuota(day: now.utcDay, used: used) }

    @Test("The next webhook takes over the highest count of the deleted webhooks, each count once")
    func handingOver() throws {
        var account = ServiceLimits.AccountDay()
        for used in [3, 7, 0, 5] { account.depart(quota(used), now: now) }
        let taken = try (0..<4).map { _ in try account.register(now: now, limits: .standard).used }
        #expect(taken == [7, 5, 3, 0])
        account.depart(DailyQuota(day: now.utcDay - 1, used: 9), now: now)
        #expect(try account.register(now: now, limits: .standard) == DailyQuota(), "yesterday's deliveries")
    }

    @Test("Registrations per day are limited even after a clock was ahead", arguments: [0, 1, 400])
    func registrations(daysAhead: Int) throws {
        let limits = ServiceLimits(registrationsPerDay: 2)
        var account = ServiceLimits.AccountDay()
        account.depart(quota(4), now: now + day * daysAhead)
        for _ in 0..<2 { _ = try account.register(now: now, limits: limits) }
        let error = #expect(throws: LimitError.self) { try account.register(now: now, limits: limits) }
        #expect(error?.code == .registrationsPerDay)
        // A clock that is set back over midnight does not reset the day.
        let kept = Timestamp(startOfUTCDay: now.utcDay + (daysAhead == 1 ? 2 : 1))
        #expect(error?.retryAt == kept)
        _ = try account.register(now: kept, limits: limits)
    }

    @Test("The stored form round-trips, and an unreadable one is an empty day")
    func persisted() throws {
        var account = ServiceLimits.AccountDay()
        #expect(account.stored == "")
        account.depart(quota(4), now: now)
        _ = try account.register(now: now, limits: .standard)
        account.depart(quota(9), now: now)
        account.depart(quota(2), now: now)
        #expect(account.stored == "1 \(now.utcDay) 1 2 9")
        #expect(ServiceLimits.AccountDay(stored: account.stored) == account)
        for text in ["", "2 1 1", "1 x 1", "1 1", "\u{0}", "1 99999999999999999999 1"] {
            #expect(ServiceLimits.AccountDay(stored: text) == ServiceLimits.AccountDay())
        }
        let extreme = ServiceLimits.AccountDay(
            stored: "1 9223372036854775807 9223372036854775807 -1 9223372036854775807")
        var used = extreme
        used.depart(quota(1), now: now)
        #expect(throws: LimitError.self) { _ = try used.register(now: now, limits: .standard) }
        #expect(extreme.departed == [0, Int(Int32.max)])
    }
}

@Suite("DailyQuota after a clock was ahead")
struct DailyQuotaAheadTests {
    @Test(
        "A day later than tomorrow counts as today with its usage, and tomorrow starts at zero",
        arguments: [2, 400, Int64.max])
    func ahead(days: Int64) {
        let now = Timestamp(unixSeconds: 1_707_583_522)
        var quota = DailyQuota(
            day: now.utcDay.addingReportingOverflow(days).overflow ? .max : now.utcDay + days, used: 2)
        #expect(quota.usage(now: now, limit: 3).used == 2)
        #expect(quota.charge(now: now, limit: 3) == .charged)
        let tomorrow = Timestamp(startOfUTCDay: now.utcDay + 1)
        #expect(quota.charge(now: now, limit: 3) == .exhausted(until: tomorrow))
        #expect(quota.usage(now: now, limit: 3).resetsAt == tomorrow)
        #expect(quota.charge(now: tomorrow, limit: 3) == .charged)
    }
}
