import TaskFlowWebhooks
import Testing

@Suite("Webhook.CircuitBreaker")
struct CircuitBreakerTests {
    let start = Timestamp(unixSeconds: 1_707_583_522)
    let policy: HealthPolicy.BreakerPolicy = {
        var policy = HealthPolicy.BreakerPolicy()
        (policy.failures, policy.shortestBreak, policy.longestBreak) = (3, .seconds(10), .seconds(35))
        return policy
    }()

    /// How many requests may be in flight.
    func room(_ breaker: Webhook.CircuitBreaker, now: Timestamp, cap: Int) -> Int {
        if let pausedUntil = breaker.pausedUntil, now < pausedUntil { return 0 }
        return min(breaker.allowance ?? cap, cap)
    }

    @Test("It opens after failures in a row, and a success resets the count")
    func opens() {
        var breaker = Webhook.CircuitBreaker()
        for _ in 0..<2 { breaker.attemptFailed(now: start, policy: policy) }
        breaker.attemptSucceeded(cap: 16)
        for _ in 0..<2 { breaker.attemptFailed(now: start, policy: policy) }
        #expect(room(breaker, now: start, cap: 16) == 16)
        breaker.attemptFailed(now: start, policy: policy)
        #expect(room(breaker, now: start, cap: 16) == 0)
        #expect(breaker.pausedUntil == start + .seconds(10))
    }

    @Test("Each break is twice as long as the previous one, up to the maximum; then a single request is allowed")
    func breaks() {
        var breaker = Webhook.CircuitBreaker()
        for _ in 0..<3 { breaker.attemptFailed(now: start, policy: policy) }
        var now = start
        for length in [10, 20, 35, 35] as [Int64] {
            #expect(breaker.pausedUntil == now + .seconds(length))
            now = now + .seconds(length)
            #expect(room(breaker, now: now, cap: 16) == 1)
            breaker.attemptFailed(now: now, policy: policy)
        }
    }

    @Test("Reports of requests that were in flight when the break began change nothing")
    func stragglers() {
        var breaker = Webhook.CircuitBreaker()
        for _ in 0..<3 { breaker.attemptFailed(now: start, policy: policy) }
        let opened = breaker
        for _ in 0..<20 { breaker.attemptFailed(now: start + .seconds(9), policy: policy) }
        #expect(breaker == opened)
    }

    @Test("After a break, each success allows one more request, up to the cap")
    func ramp() {
        var breaker = Webhook.CircuitBreaker()
        for _ in 0..<3 { breaker.attemptFailed(now: start, policy: policy) }
        var rooms: [Int] = []
        for _ in 0..<4 {
            breaker.attemptSucceeded(cap: 4)
            rooms.append(room(breaker, now: start, cap: 4))
        }
        #expect(rooms == [2, 3, 4, 4])
        #expect(breaker.allowance == nil)
    }

    @Test("During the ramp, a failure halves the allowance, and only a failure at one request starts another break")
    func stumbling() {
        var breaker = Webhook.CircuitBreaker(failures: 0, breaks: 0, pausedUntil: nil, allowance: 8)
        var rooms: [Int] = []
        for _ in 0..<4 {
            breaker.attemptFailed(now: start, policy: policy)
            rooms.append(room(breaker, now: start, cap: 16))
        }
        #expect(rooms == [4, 2, 1, 0])
    }

    @Test("No number of breaks overflows")
    func manyBreaks() {
        var breaker = Webhook.CircuitBreaker(failures: .max - 1, breaks: .max - 1, pausedUntil: nil, allowance: 1)
        breaker.attemptFailed(now: start, policy: policy)
        #expect(breaker.pausedUntil == start + .seconds(35))
    }
}

@Suite("Webhook.RequestRate")
struct RequestRateTests {
    @Test("A burst of one second's requests is allowed; the rest is evenly spaced", arguments: [1, 2, 10, 1000])
    func spacing(perSecond: Int) {
        var rate = Webhook.RequestRate()
        let start = Timestamp(unixSeconds: 1_707_583_522)
        var now = start
        var times: [Timestamp] = []
        for _ in 0..<3 * perSecond {
            now = max(now, rate.opensAt(perSecond: perSecond))
            rate.take(now: now, perSecond: perSecond)
            times.append(now)
        }
        #expect(times.prefix(perSecond).allSatisfy { $0 == start }, "the burst")
        let inAnySecond = times.indices.map { index in
            times[index...].count { $0 < times[index] + .seconds(1) }
        }
        #expect((inAnySecond.max() ?? 0) <= 2 * perSecond)
        #expect(times.last.map { $0 - start } == .seconds(1) / perSecond * (2 * perSecond))
    }
}

@Suite("Webhook conditions")
struct WebhookConditionTests {
    @Test("The condition follows the state, and enabling resumes requests one by one")
    func conditions() {
        var webhook = Webhook(
            id: "wh_1", accountID: "acc_1", url: "https://example.com/", events: [.all],
            createdAt: Timestamp(unixSeconds: 0))
        #expect(webhook.condition == .active)
        let version = webhook.version
        webhook.disable(now: webhook.createdAt)
        #expect(webhook.condition == .disabled)
        #expect(webhook.gate(now: webhook.createdAt, rules: DeliveryRules()) == .stopped)
        webhook.enable(now: webhook.createdAt)
        #expect(webhook.gate(now: webhook.createdAt, rules: DeliveryRules()) == .open(room: 1))
        #expect(webhook.version == version + 2)
        webhook.enable(now: webhook.createdAt)
        #expect(webhook.version == version + 2, "it was already enabled")
    }
}
