internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let healthCases: [Case] = [
        Case("Each health warning is reported once, and a success clears them") { harness in
            let waits = RetryPolicy(clamping: Array(repeating: .seconds(1), count: 5), jitter: 0)
            try await harness.register(retries: waits)
            try await harness.publish()
            var changes: [Delivery.SettleResult] = []
            for _ in 0..<5 {
                changes.append(try await harness.settle(try await harness.claimOne(), .retry(after: .zero)))
            }
            let expected: [Webhook.HealthChange?] = [nil, nil, .failing(.half), .failing(.most), .failing(.last)]
            try harness.expectEqual(changes, expected.map { .settled($0) }, "the warnings")
            try harness.expectEqual(try await harness.webhook().condition, .failing, "the condition")
            let end = try await harness.settle(try await harness.claimOne(), .succeed)
            try harness.expectEqual(end, .settled(.recovered), "the success")
            try harness.expectEqual(try await harness.webhook().condition, .active, "the condition afterwards")
        },
        Case("The circuit breaker pauses requests, then allows one, and more after a success") { harness in
            try await harness.register()
            try await harness.publish(count: 20)
            func rules(_ rules: inout DeliveryRules) {
                rules.health.breaker.failures = 3
                rules.health.breaker.shortestBreak = .seconds(10)
                rules.health.failure = .never
            }
            for claimed in try await harness.claim(3, rules: rules) {
                try await harness.settle(claimed, .retry(after: .seconds(1)), rules: rules)
            }
            let reply = try await harness.store.claim(harness.request(rules: rules))
            try harness.expect(reply.deliveries.isEmpty, "the circuit breaker did not open")
            try harness.expectEqual(reply.nextDueIn, .seconds(10), "the length of the pause")
            harness.clock.advance(by: .seconds(10))
            let probe = try await harness.claim(rules: rules)
            try harness.expectEqual(probe.count, 1, "requests after the pause")
            try await harness.settle(probe.at(0), .succeed, rules: rules)
            try harness.expectEqual(try await harness.claim(rules: rules).count, 2, "requests after a success")
        },
        Case("Each pause without a success is followed by one twice as long") { harness in
            try await harness.register()
            try await harness.publish(count: 5)
            func rules(_ rules: inout DeliveryRules) {
                rules.health.breaker.failures = 1
                rules.health.breaker.shortestBreak = .seconds(10)
                rules.health.failure = .never
            }
            for length in [10, 20, 40] as [Int64] {
                let claimed = try await harness.claim(1, rules: rules)
                try harness.expectEqual(claimed.count, 1, "claims")
                try await harness.settle(claimed.at(0), .retry(after: .seconds(1)), rules: rules)
                let reply = try await harness.store.claim(harness.request(rules: rules))
                try harness.expectEqual(reply.nextDueIn, .seconds(length), "the length of the pause")
                harness.clock.advance(by: .seconds(length))
            }
        },
        Case("Failures on the sender's side do not count against the endpoint") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            let attempt = Attempt(
                number: 1, startedAt: harness.clock.now, duration: .zero, statusCode: nil,
                errorType: TransportFailure.saturated.rawValue)
            let report = Settlement(
                lease: claimed.lease, attempt: attempt, outcome: .sender, decision: .giveUp(.exhausted))
            let result = try await harness.store.settle([report], rules: StoreHarness.rules)
            try harness.expectEqual(result, [.settled(nil)], "the result")
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.condition, .active, "the condition")
            try harness.expectEqual(webhook.finishedDeliveries, 1, "finished deliveries")
        },
        Case("A host can choose to stop a webhook on any exhausted delivery") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let claimed = try await harness.claim()
            try await harness.settle(claimed.at(0), .succeed)
            let result = try await harness.settle(
                claimed.at(1), .giveUp(.exhausted), rules: { $0.health.failure = .whenAnyDeliveryFails })
            try harness.expectEqual(result, .settled(.failed), "the result")
        },
        Case("A host can choose to stop a webhook after failing for some time, with warnings before") { harness in
            try await harness.register()
            try await harness.publish()
            func rules(_ rules: inout DeliveryRules) {
                rules.health.failure = .afterFailing(for: .seconds(100))
                rules.health.breaker.failures = 100
            }
            var changes: [Delivery.SettleResult] = []
            for _ in 0..<5 {
                let claimed = try await harness.claimOne()
                changes.append(try await harness.settle(claimed, .retry(after: .zero), rules: rules))
                harness.clock.advance(by: .seconds(25))
            }
            let expected: [Webhook.HealthChange?] = [nil, nil, .failing(.half), .failing(.most), .failed]
            try harness.expectEqual(changes, expected.map { .settled($0) }, "the changes")
        },
        Case("A host can choose never to stop a webhook") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            let result = try await harness.settle(
                claimed, .giveUp(.exhausted), rules: { $0.health.failure = .never })
            try harness.expectEqual(result, .settled(nil), "the result")
            try harness.expectEqual(try await harness.webhook().status, .active, "the state")
        },
        Case("A webhook counts deliveries, not attempts") { harness in
            try await harness.register()
            try await harness.publish(count: 3)
            let claimed = try await harness.claim()
            try await harness.settle(claimed.at(0), .succeed)
            try await harness.settle(claimed.at(1), .giveUp(.exhausted))
            try await harness.settle(claimed.at(2), .retry(after: .zero))
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.succeededDeliveries, 1, "succeeded")
            try harness.expectEqual(webhook.finishedDeliveries, 2, "finished")
        },
        Case("The times of the latest attempt and the latest success are stored") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let before = try await harness.webhook()
            try harness.expect(before.lastTriggered == nil && before.lastSuccess == nil, "a time is set too early")
            harness.clock.advance(by: .seconds(3))
            let claimed = try await harness.claim()
            let claimedAt = harness.clock.now
            harness.clock.advance(by: .seconds(1))
            try await harness.settle(claimed.at(0), .succeed)
            harness.clock.advance(by: .seconds(1))
            try await harness.settle(claimed.at(1), .retry(after: .zero))
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.lastTriggered, claimedAt, "the latest attempt")
            try harness.expectEqual(webhook.lastSuccess, claimedAt + .seconds(1), "the latest success")
        },
        Case("A delivery first attempted before its webhook was enabled does not stop the webhook again") { harness in
            try await harness.register()
            try await harness.publish(count: 2)
            let claimed = try await harness.claim()
            try await harness.settle(claimed.at(0), .retry(after: .seconds(1)))
            try await harness.settle(claimed.at(1), .giveUp(.exhausted))
            try harness.expectEqual(try await harness.webhook().status, .failed, "the state")
            harness.clock.advance(by: .seconds(5))
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            harness.clock.advance(by: .seconds(1))
            let result = try await harness.settle(try await harness.claimOne(), .giveUp(.exhausted))
            try harness.expectEqual(result, .settled(nil), "the report")
            try harness.expectEqual(try await harness.webhook().status, .active, "the state afterwards")
        },
    ]
}
