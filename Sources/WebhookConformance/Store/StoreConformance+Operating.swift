internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let operatingCases: [Case] = [
        Case("An event's trace context comes with every claim of its deliveries, and with its test") { harness in
            try await harness.register()
            let (parent, state) = ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "rojo=1,a= b")
            let trace = EventPublication.TraceContext(traceparent: parent, tracestate: state)
            try harness.expect(trace != nil, "the trace context is not valid")
            _ = try await harness.store.publish(harness.publication("evt_1", trace: trace))
            // A repeated publish changes nothing.
            let other = EventPublication.TraceContext(traceparent: parent.replacing("0af7", with: "0af8"))
            _ = try await harness.store.publish(harness.publication("evt_1", trace: other))
            let first = try await harness.claimOne()
            try harness.expectEqual(first.trace, trace, "the trace context of the first attempt")
            try await harness.settle(first, .retry(after: .seconds(5)))
            harness.clock.advance(by: .seconds(60))
            let second = try await harness.claimOne()
            try harness.expectEqual(second.trace, trace, "the trace context of the retry")
            try await harness.settle(second, .succeed)
            _ = try await harness.redeliver(second.delivery.id, as: "del_again")
            let third = try await harness.claimOne()
            try harness.expectEqual(third.trace, trace, "the trace context of the redelivery")
            try await harness.settle(third, .succeed)
            try await harness.publish("evt_2")
            let fourth = try await harness.claimOne()
            try harness.expectEqual(fourth.trace, nil, "the trace context of an event without one")
            try await harness.settle(fourth, .succeed)
            harness.clock.advance(by: .seconds(60))
            let test = try await harness.store.lease(
                test: harness.publication("evt_3", trace: trace), to: "wh_1", rules: StoreHarness.rules)
            guard case .leased(let claimed) = test else { throw ConformanceFailure(description: "no test: \(test)") }
            try harness.expectEqual(claimed.trace, trace, "the trace context of a test")
        },
        Case("A test event is leased to its caller, even for a disabled webhook or an unsubscribed event type") {
            harness in
            try await harness.register(events: [.commentCreated])
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            let claimed = try await harness.leaseTest()
            try harness.expectEqual(claimed.delivery.trigger, .test, "the trigger")
            try harness.expectEqual(claimed.body, try harness.publication("evt_test").envelope.bytes, "the body")
            _ = try await harness.store.enable("wh_1", account: "acc_1", backlog: .immediately, limits: .standard)
            try harness.expect(try await harness.claim().isEmpty, "the test was claimed by another worker")
            try harness.expectEqual(try await harness.settle(claimed, .succeed), .settled(nil), "the report")
            let deliveryCounts = try await harness.store.deliveryCounts(of: "acc_1")
            try harness.expectEqual(
                [deliveryCounts.accepted, deliveryCounts.succeeded], [1, 1], "accepted and succeeded deliveries")
        },
        Case("A test event is charged to the daily quota, and refused when the quota is exhausted") { harness in
            try await harness.register()
            _ = try await harness.leaseTest()
            try harness.expectEqual(try await harness.webhook().quota.used, 1, "charged")
            var rules = StoreHarness.rules
            rules.dailyLimit = 1
            let second = try await harness.store.lease(
                test: harness.publication("evt_2"), to: "wh_1", rules: rules)
            guard case .quotaExhausted(let until) = second else {
                throw ConformanceFailure(description: "a test exceeded the daily quota")
            }
            try harness.expectEqual(
                until, Timestamp(startOfUTCDay: harness.clock.now.utcDay + 1), "when the quota resets")
            try harness.expectEqual(try await harness.store.deliveryCounts(of: nil).accepted, 1, "accepted deliveries")
        },
        Case("A failed test event neither stops its webhook nor changes its counts") { harness in
            try await harness.register()
            let claimed = try await harness.leaseTest()
            try harness.expectEqual(
                try await harness.settle(claimed, .giveUp(.exhausted)), .settled(nil), "the report")
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.condition, .active, "the condition")
            try harness.expectEqual(webhook.finishedDeliveries, 0, "finished deliveries")
        },
        Case("A test event is rejected when its lease expires, because its caller is gone") { harness in
            try await harness.register()
            let claimed = try await harness.leaseTest()
            harness.clock.advance(by: .seconds(15))
            let reply = try await harness.store.claim(harness.request())
            try harness.expect(reply.deliveries.isEmpty, "the test was claimed again")
            try harness.expectEqual(reply.rejected, [claimed.delivery.id], "rejected deliveries")
            let state = try await harness.history(claimed.delivery.id).delivery.state
            try harness.expectEqual([state.status], [.rejected], "the status")
            try harness.expectEqual(state.reason, .leaseExpired, "the reason")
            try harness.expectEqual(try await harness.webhook().finishedDeliveries, 0, "finished deliveries")
        },
        Case("An account can test only its own webhooks") { harness in
            try await harness.register("wh_2", account: "acc_2")
            for webhook in ["wh_2", "wh_3"] as [WebhookID] {
                let lease = try await harness.store.lease(
                    test: harness.publication("evt_test"), to: webhook, rules: StoreHarness.rules)
                guard case .unknown = lease else { throw ConformanceFailure(description: "\(webhook) was tested") }
            }
            try harness.expectEqual(try await harness.store.deliveryCounts(of: nil).accepted, 0, "accepted deliveries")
        },
        Case("A redelivery is a new delivery with the same event and body") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            try await harness.settle(first, .succeed)
            let result = try await harness.redeliver(first.delivery.id, as: "del_again")
            guard case .made(let made) = result else { throw ConformanceFailure(description: "none was created") }
            try harness.expectEqual(made.redeliveryOf, first.delivery.id, "the original delivery")
            try harness.expectEqual(made.trigger, .manual, "the trigger")
            let second = try await harness.claimOne()
            try harness.expectEqual(second.delivery.id, "del_again", "the delivery")
            try harness.expectEqual(second.delivery.state.attempts, 0, "attempts")
            try harness.expectEqual(second.body, first.body, "the body")
            try await harness.settle(second, .succeed)
            let deliveryCounts = try await harness.store.deliveryCounts(of: "acc_1")
            try harness.expectEqual(
                [deliveryCounts.accepted, deliveryCounts.succeeded], [2, 2], "accepted and succeeded deliveries")
            try harness.expectEqual(
                try await harness.history(first.delivery.id).delivery.state.status, .succeeded, "the original's status")
        },
        Case("A redelivery beyond the limit on open deliveries is refused, with a time to retry") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            try await harness.settle(first, .succeed)
            try await harness.publish(count: 2, prefix: "evt_open")
            do {
                _ = try await harness.redeliver(
                    first.delivery.id, as: "del_again", limits: ServiceLimits(openDeliveriesPerWebhook: 2))
                throw ConformanceFailure(description: "a redelivery was created beyond the limit")
            } catch let error as LimitError {
                try harness.expectEqual(error.code, .openDeliveriesPerWebhook, "the error code")
                try harness.expectEqual(error.retryAt, harness.clock.now + .seconds(60), "when to retry")
            }
            guard case .made = try await harness.redeliver(first.delivery.id, as: "del_again") else {
                throw ConformanceFailure(description: "no redelivery was created below the limit")
            }
        },
        Case("Requesting the same redelivery twice creates one") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            try await harness.settle(first, .succeed)
            for _ in 0..<3 {
                _ = try await harness.redeliver(first.delivery.id, as: "del_again")
            }
            try harness.expectEqual(try await harness.claim().count, 1, "claims")
        },
        Case("An open delivery is not redelivered") { harness in
            try await harness.register()
            let receipt = try await harness.publish()
            for id in receipt.deliveryIDs {
                let result = try await harness.redeliver(id, as: "del_again")
                guard case .open = result else { throw ConformanceFailure(description: "a redelivery was created") }
            }
            try harness.expectEqual(try await harness.store.deliveryCounts(of: nil).accepted, 1, "accepted deliveries")
        },
        Case("Deliveries of another account or of a deleted webhook are not redelivered") { harness in
            try await harness.register()
            try await harness.publish()
            let claimed = try await harness.claimOne()
            try await harness.settle(claimed, .succeed)
            let id = claimed.delivery.id
            let foreign = try await harness.redeliver(id, account: "acc_2", as: "del_2")
            let unknown = try await harness.redeliver("del_unknown", as: "del_3")
            _ = try await harness.store.delete("wh_1", account: "acc_1")
            let gone = try await harness.redeliver(id, as: "del_4")
            try harness.expectEqual([foreign, unknown, gone], [.unknown, .unknown, .unknown], "the results")
        },
        Case("A test event is not redelivered") { harness in
            try await harness.register()
            let claimed = try await harness.leaseTest()
            try await harness.settle(claimed, .giveUp(.exhausted))
            let result = try await harness.redeliver(claimed.delivery.id, as: "del_again")
            try harness.expectEqual(result, .unknown, "the result")
        },
        Case("An event can be read with its receipt, by its own account only") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2", events: [.commentCreated])
            let receipt = try await harness.publish()
            let event = try await harness.store.event("evt_1", account: "acc_1")
            try harness.expectEqual(event?.receipt.entries, receipt.entries, "the receipt")
            try harness.expectEqual(event?.type, .taskCreated, "the type")
            try harness.expectEqual(event?.publishedAt, harness.clock.now, "the time of publication")
            try harness.expect(try await harness.store.event("evt_1", account: "acc_2") == nil, "acc_2 can read evt_1")
            try harness.expect(try await harness.store.event("evt_2", account: "acc_1") == nil, "evt_2 was found")
        },
    ]
}

extension StoreHarness {
    fileprivate func leaseTest() async throws -> ClaimedDelivery {
        let lease = try await store.lease(test: publication("evt_test"), to: "wh_1", rules: Self.rules)
        guard case .leased(let claimed) = lease else { throw ConformanceFailure(description: "no test was leased") }
        return claimed
    }
}
