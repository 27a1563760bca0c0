internal import Synchronization
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries

// Cases that need concurrent callers; they run in real tasks on real threads.
extension StoreConformance {
    static let concurrencyCases: [Case] = [
        Case("Of many concurrent reports of one claim, exactly one is stored") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            let results = try await harness.race(16) { _ in try await harness.settle(claimed, .succeed) }
            try harness.expectEqual(results.count { $0 == .settled(nil) }, 1, "stored reports")
            try harness.expectEqual(results.count { $0 == .repeated }, 15, "repeated reports")
            try harness.expectEqual(try await harness.history(claimed.delivery.id).attempts.count, 1, "attempts")
        },
        Case("Concurrent reports and a deletion leave each delivery in one final state") { harness in
            try await harness.register()
            try await harness.publish(count: 20)
            let claimed = try await harness.claim()
            _ = try await harness.race(21) { number in
                if number == 10 {
                    _ = try await harness.store.delete("wh_1", account: "acc_1")
                } else if number < claimed.count {
                    try await harness.settle(claimed.at(number), .succeed)
                }
            }
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expect(deliveryCounts.isBalanced, "the delivery counts are not balanced: \(deliveryCounts)")
            try harness.expectEqual(deliveryCounts.succeeded + deliveryCounts.cancelled, 20, "finished deliveries")
        },
        Case("Concurrent publishing, claiming and settling lose and duplicate nothing") { harness in
            for number in 1...3 { try await harness.register(WebhookID(unchecked: "wh_\(number)")) }
            let claimed = try await harness.race(12) { number -> [DeliveryID] in
                if number < 4 {
                    try await harness.publish(count: 25, prefix: "evt_\(number)")
                    return []
                }
                var mine: [DeliveryID] = []
                for _ in 0..<20 {
                    for claimed in try await harness.claim(10) {
                        mine.append(claimed.delivery.id)
                        try await harness.settle(claimed, .succeed)
                    }
                }
                return mine
            }.flatMap { $0 }
            var rest: [DeliveryID] = []
            for claimed in try await harness.claim(1000) { rest.append(claimed.delivery.id) }
            try harness.expectEqual(claimed.count + rest.count, 300, "claims")
            try harness.expectEqual(Set(claimed + rest).count, 300, "distinct deliveries")
            let deliveryCounts = try await harness.store.deliveryCounts(of: nil)
            try harness.expectEqual(
                [deliveryCounts.accepted, deliveryCounts.succeeded], [300, claimed.count], "the counts")
        },
        Case("A webhook's in-flight limit is exact under eight concurrent workers") { harness in
            try await harness.register()
            try await harness.publish(count: 50)
            let claimed = try await harness.race(8) { _ in
                try await harness.claim(10, rules: { $0.maximumInFlightPerWebhook = 7 }).count
            }
            try harness.expectEqual(claimed.reduce(0, +), 7, "claims")
        },
        Case("An account's in-flight limit is exact under eight concurrent workers") { harness in
            for number in 1...4 { try await harness.register(WebhookID(unchecked: "wh_\(number)")) }
            try await harness.publish(count: 20)
            let claimed = try await harness.race(8) { _ in
                try await harness.claim(10, rules: { $0.maximumInFlightPerAccount = 9 }).count
            }
            try harness.expectEqual(claimed.reduce(0, +), 9, "claims")
        },
        Case("The last unit of a daily quota goes to one of eight concurrent workers") { harness in
            try await harness.register()
            try await harness.publish(count: 8)
            let first = try await harness.claim(1, rules: { $0.dailyLimit = 2 })
            let rest = try await harness.race(8) { _ in
                try await harness.claim(1, rules: { $0.dailyLimit = 2 }).count
            }
            try harness.expectEqual([first.count, rest.reduce(0, +)], [1, 1], "claims")
        },
        Case("The limit on open deliveries is exact under concurrent publishes") { harness in
            try await harness.register()
            let limits = ServiceLimits(openDeliveriesPerWebhook: 10)
            let receipts = try await harness.race(40) { number in
                try await harness.publish(EventID(unchecked: "evt_\(number)"), limits: limits)
            }
            try harness.expectEqual(receipts.flatMap(\.deliveryIDs).count, 10, "deliveries")
            let skipped = receipts.flatMap(\.entries).count { $0.result == .skipped(.backlogFull) }
            try harness.expectEqual(skipped, 30, "skipped events")
        },
        Case("Events with the same ordering key are delivered one at a time under concurrent workers") { harness in
            try await harness.register(ordering: .resource)
            for number in 0..<30 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"), key: "task_\(number % 3)")
            }
            let settled = Mutex(0)
            let inFlight = try await harness.race(8) { _ -> Int in
                var most = 0
                // A claim may find nothing while another worker holds the account, so the number of claims is not fixed.
                for _ in 0..<1000 where settled.withLock({ $0 < 30 }) {
                    let claimed = try await harness.claim(10)
                    settled.withLock { $0 += claimed.count }
                    most = max(most, claimed.count)
                    for claimed in claimed { try await harness.settle(claimed, .succeed) }
                }
                return most
            }
            try harness.expect((inFlight.max() ?? 0) <= 3, "two deliveries of one ordering key were in flight")
            try harness.expectEqual(
                try await harness.store.deliveryCounts(of: nil).succeeded, 30, "succeeded deliveries")
        },
        Case("Concurrent updates of one webhook are all applied") { harness in
            let before = try await harness.register()
            _ = try await harness.race(10) { number in
                var update = Webhook.Update()
                if number % 2 == 0 { update.timeout = .seconds(9) } else { update.url = "https://example.com/moved" }
                return try await harness.store.update("wh_1", update, account: "acc_1", limits: .standard)
            }
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.version, before.version + 10, "the version")
            try harness.expectEqual(webhook.timeout, .seconds(9), "the timeout")
            try harness.expectEqual(webhook.url, "https://example.com/moved", "the URL")
        },
    ]
}

extension StoreHarness {
    /// Runs a closure in this many concurrent tasks.
    fileprivate func race<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: Value.self) { group in
            for number in 0..<count { group.addTask { @concurrent in try await body(number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
