import TaskFlowWebhooks
import Testing
import WebhookStoreKit
import WebhookTesting

@Suite("FairScheduler")
struct FairSchedulerTests {
    let start = Timestamp(unixSeconds: 1_707_583_522)
    var scheduler = FairScheduler()
    var rules = DeliveryRules()
    var request = ClaimRequest(count: 100)
    static let open = Webhook.Standing(gate: .open(room: 16), pace: .quick)

    func delivery(_ number: Int, _ webhook: WebhookID, of account: AccountID, key: String? = nil) -> Delivery {
        Delivery(
            id: DeliveryID(unchecked: "del_\(number)"), eventID: "evt_1", eventType: .taskCreated, webhookID: webhook,
            accountID: account, createdAt: start, sequence: Int64(number), orderingKey: key,
            state: Delivery.State(now: start))
    }

    mutating func next(at moment: Timestamp? = nil) -> DeliveryID? {
        scheduler.next(
            now: moment ?? start, allowance: ClaimRequest.Allowance(request), rules: rules, standing: { _ in Self.open }
        )
    }

    @Test("Accounts take turns, then their webhooks, and each webhook's deliveries are in order")
    mutating func turns() {
        for number in 0..<4 { scheduler.add(delivery(number, "wh_a1", of: "acc_a")) }
        for number in 4..<6 { scheduler.add(delivery(number, "wh_a2", of: "acc_a")) }
        for number in 6..<8 { scheduler.add(delivery(number, "wh_b1", of: "acc_b")) }
        var order: [String] = []
        while let id = next() { order.append(id.rawValue) }
        #expect(order == ["del_0", "del_6", "del_4", "del_7", "del_1", "del_5", "del_2", "del_3"])
    }

    @Test("A full account gets no turns until one of its leases ends, of any webhook")
    mutating func fullAccount() {
        rules.maximumInFlightPerAccount = 1
        scheduler.add(delivery(0, "wh_a1", of: "acc_a"))
        scheduler.add(delivery(1, "wh_a2", of: "acc_a"))
        scheduler.add(delivery(2, "wh_b1", of: "acc_b"))
        var leased = delivery(0, "wh_a1", of: "acc_a")
        #expect(next() == leased.id)
        var webhook = Webhook(
            id: "wh_a1", accountID: "acc_a", url: "https://example.com/", events: [.all], createdAt: start)
        _ = leased.claim(now: start, webhook: &webhook, rules: rules)
        scheduler.changed(leased)
        #expect(next() == "del_2")
        #expect(next() == nil)
        let change = scheduler.nextChange(now: start) { _ in Self.open }
        #expect(change == start + .seconds(15), "the end of the lease")
        #expect(next(at: start + .seconds(15)) != nil)
    }

    @Test("A report after the end of the lease leaves no entry that could be claimed twice")
    mutating func lateReport() {
        var leased = delivery(0, "wh_a1", of: "acc_a")
        scheduler.add(leased)
        _ = next()
        var webhook = Webhook(
            id: "wh_a1", accountID: "acc_a", url: "https://example.com/", events: [.all], createdAt: start)
        _ = leased.claim(now: start, webhook: &webhook, rules: rules)
        scheduler.changed(leased)
        scheduler.add(delivery(1, "wh_b1", of: "acc_b"))
        while next(at: start + .seconds(1)) != nil {}
        let attempt = Attempt(
            number: 1, startedAt: start, duration: .zero, statusCode: 500, errorType: "500")
        let lease = Lease(of: leased, token: leased.state.token)
        let report = Settlement(lease: lease, attempt: attempt, outcome: .serverError, decision: .retry(after: .zero))
        guard case .settled = leased.settle(report, webhook: &webhook, now: start + .seconds(20), rules: rules) else {
            Issue.record("the report was not accepted")
            return
        }
        scheduler.changed(leased)
        var times = 0
        while let id = next(at: start + .seconds(30)) { if id == leased.id { times += 1 } }
        #expect(times == 1)
    }

    @Test("A webhook that reuses a removed one's number gets its turns and counts in its own account")
    mutating func replaced() {
        rules.maximumInFlightPerAccount = 1
        // acc_b is at its cap.
        var leased = delivery(0, "wh_b1", of: "acc_b")
        scheduler.add(leased)
        #expect(next() == leased.id)
        var webhook = Webhook(
            id: "wh_b1", accountID: "acc_b", url: "https://example.com/", events: [.all], createdAt: start)
        _ = leased.claim(now: start, webhook: &webhook, rules: rules)
        scheduler.changed(leased)
        // acc_a is waiting for its turn when its webhook is removed, and a webhook of acc_b gets the number.
        scheduler.add(delivery(1, "wh_a1", of: "acc_a"))
        scheduler.remove("wh_a1")
        scheduler.add(delivery(2, "wh_b2", of: "acc_b"))
        #expect(next() == nil, "acc_b is served in a turn of acc_a")
        #expect(scheduler.open(of: "wh_a1") == 0)
        #expect(scheduler.leased(of: "wh_b1") == 1)
    }

    @Test("20,000 deliveries of 1,000 webhooks are claimed one by one, each once")
    mutating func many() {
        let count = 20_000
        for number in 0..<count {
            let account = number % 100
            scheduler.add(
                delivery(
                    number, WebhookID(unchecked: "wh_\(account)_\(number / 100 % 10)"),
                    of: AccountID(unchecked: "acc_\(account)")))
        }
        var served: Set<DeliveryID> = []
        var first: [AccountID] = []
        while let id = next() {
            if first.count < 100, let number = Int(id.rawValue.dropFirst(4)) {
                first.append(AccountID(unchecked: "acc_\(number % 100)"))
            }
            served.insert(id)
        }
        #expect(served.count == count)
        #expect(Set(first).count == 100, "the first 100 deliveries are of 100 accounts")
    }

    @Test("A claim skips deliveries that it has no room for, and the next claim finds them")
    mutating func heldBack() {
        scheduler.add(delivery(0, "wh_a1", of: "acc_a"))
        scheduler.add(delivery(1, "wh_a2", of: "acc_a"))
        scheduler.add(delivery(2, "wh_b1", of: "acc_b"))
        request.shares = ClaimRequest.AccountShares(count: 8)
        for _ in 1...4 { request.shares.occupy(bytes: 10, for: "acc_a") }
        #expect(next() == "del_2")
        #expect(next() == nil)
        request.shares = ClaimRequest.AccountShares(count: 8)
        #expect([next(), next()] == ["del_0", "del_1"])
    }

    @Test("A claim without room for slow webhooks skips them, and does not delay other webhooks of their account")
    mutating func slow() {
        scheduler.add(delivery(0, "wh_slow", of: "acc_a"))
        scheduler.add(delivery(1, "wh_quick", of: "acc_a"))
        request.slow = ClaimRequest.Room(count: 0)
        func next() -> DeliveryID? {
            scheduler.next(
                now: start, allowance: ClaimRequest.Allowance(request), rules: rules,
                standing: { Webhook.Standing(gate: .open(room: 16), pace: $0 == "wh_slow" ? .slow : .quick) })
        }
        #expect(next() == "del_1")
        #expect(next() == nil)
        request.slow = .unbounded
        #expect(next() == "del_0")
    }
}
