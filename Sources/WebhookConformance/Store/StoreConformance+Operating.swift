internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let operatingCases: [Case] = [
        Case("A test is leased to whoever asks for it, also of a webhook that is off and wants other events") {
            harness in
            try await harness.register(events: [.commentCreated])
            _ = try await harness.store.disable("wh_1", account: "acc_1")
            let claimed = try await harness.leaseTest()
            try harness.expectEqual(claimed.delivery.trigger, .test, "what made it")
            try harness.expectEqual(claimed.body, try harness.publication("evt_test").envelope.bytes, "the body")
            _ = try await harness.store.enable("wh_1", account: "acc_1", drain: .atOnce)
            try harness.expect(try await harness.claim().isEmpty, "somebody else got it")
            try harness.expectEqual(try await harness.settle(claimed, .succeed), .settled(nil), "the report")
            let ledger = try await harness.store.ledger(of: "acc_1")
            try harness.expectEqual([ledger.accepted, ledger.succeeded], [1, 1], "the ledger")
        },
        Case("A test counts towards the day, and not beyond it") { harness in
            try await harness.register()
            _ = try await harness.leaseTest()
            try harness.expectEqual(try await harness.webhook().quota.used, 1, "charged")
            var rules = StoreHarness.rules
            rules.dailyLimit = 1
            let second = try await harness.store.lease(
                test: harness.publication("evt_2"), to: "wh_1", rules: rules)
            guard case .usedUp(let until) = second else {
                throw ConformanceFailure(description: "a test went beyond the day")
            }
            try harness.expectEqual(
                until, Timestamp(startOfUTCDay: harness.clock.now.utcDay + 1), "when there is more")
            try harness.expectEqual(try await harness.store.ledger(of: nil).accepted, 1, "accepted deliveries")
        },
        Case("A failed test stops nothing and counts nothing") { harness in
            try await harness.register()
            let claimed = try await harness.leaseTest()
            try harness.expectEqual(
                try await harness.settle(claimed, .giveUp(.exhausted)), .settled(nil), "the report")
            let webhook = try await harness.webhook()
            try harness.expectEqual(webhook.condition, .active, "the condition")
            try harness.expectEqual(webhook.finishedDeliveries, 0, "finished deliveries")
        },
        Case("A test whose asker died is out once its lease is over: nobody waits for it") { harness in
            try await harness.register()
            let claimed = try await harness.leaseTest()
            harness.clock.advance(by: .seconds(15))
            let reply = try await harness.store.claim(harness.request())
            try harness.expect(reply.deliveries.isEmpty, "somebody sends it again")
            try harness.expectEqual(reply.rejected, [claimed.delivery.id], "what is out")
            let state = try await harness.history(claimed.delivery.id).delivery.state
            try harness.expectEqual([state.status], [.rejected], "where it is")
            try harness.expectEqual(state.reason, .workerLost, "why")
            try harness.expectEqual(try await harness.webhook().finishedDeliveries, 0, "finished deliveries")
        },
        Case("Only the account's own webhook is tested") { harness in
            try await harness.register("wh_2", account: "acc_2")
            for webhook in ["wh_2", "wh_3"] as [WebhookID] {
                let lease = try await harness.store.lease(
                    test: harness.publication("evt_test"), to: webhook, rules: StoreHarness.rules)
                guard case .unknown = lease else { throw ConformanceFailure(description: "\(webhook) was tested") }
            }
            try harness.expectEqual(try await harness.store.ledger(of: nil).accepted, 0, "accepted deliveries")
        },
        Case("A delivery that is over is sent again as a new one, with the same event and bytes") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            try await harness.settle(first, .succeed)
            let result = try await harness.redeliver(first.delivery.id, as: "del_again")
            guard case .made(let made) = result else { throw ConformanceFailure(description: "none was made") }
            try harness.expectEqual(made.redeliveryOf, first.delivery.id, "what it repeats")
            try harness.expectEqual(made.trigger, .manual, "what made it")
            let second = try await harness.claimOne()
            try harness.expectEqual(second.delivery.id, "del_again", "the delivery")
            try harness.expectEqual(second.delivery.state.attempts, 0, "attempts")
            try harness.expectEqual(second.body, first.body, "the body")
            try await harness.settle(second, .succeed)
            let ledger = try await harness.store.ledger(of: "acc_1")
            try harness.expectEqual([ledger.accepted, ledger.succeeded], [2, 2], "the ledger")
            try harness.expectEqual(
                try await harness.history(first.delivery.id).delivery.state.status, .succeeded, "the first one")
        },
        Case("Beyond the backlog's bound nothing is sent again, and the refusal has a time") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            try await harness.settle(first, .succeed)
            try await harness.publish(count: 2, prefix: "evt_open")
            do {
                _ = try await harness.redeliver(
                    first.delivery.id, as: "del_again", limits: WebhookLimits(openDeliveriesPerWebhook: 2))
                throw ConformanceFailure(description: "it was made")
            } catch let error as LimitError {
                try harness.expectEqual(error.code, .openDeliveriesPerWebhook, "the refusal")
                try harness.expectEqual(error.availableAgain, harness.clock.now + .seconds(60), "when to ask again")
            }
            guard case .made = try await harness.redeliver(first.delivery.id, as: "del_again") else {
                throw ConformanceFailure(description: "none was made when there was room")
            }
        },
        Case("Asking for the same redelivery again makes no second one") { harness in
            try await harness.register()
            try await harness.publish()
            let first = try await harness.claimOne()
            try await harness.settle(first, .succeed)
            for _ in 0..<3 {
                _ = try await harness.redeliver(first.delivery.id, as: "del_again")
            }
            try harness.expectEqual(try await harness.claim().count, 1, "claims")
        },
        Case("A delivery that is not over is not sent twice") { harness in
            try await harness.register()
            let receipt = try await harness.publish()
            for id in receipt.deliveries {
                let result = try await harness.redeliver(id, as: "del_again")
                guard case .open = result else { throw ConformanceFailure(description: "another one was made") }
            }
            try harness.expectEqual(try await harness.store.ledger(of: nil).accepted, 1, "accepted deliveries")
        },
        Case("Nobody sends another account's delivery again, nor one to a webhook that is gone") { harness in
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
        Case("A test is made anew, not sent again as if it were real") { harness in
            try await harness.register()
            let claimed = try await harness.leaseTest()
            try await harness.settle(claimed, .giveUp(.exhausted))
            let result = try await harness.redeliver(claimed.delivery.id, as: "del_again")
            try harness.expectEqual(result, .unknown, "the result")
        },
        Case("An event is known with its receipt, to its own account") { harness in
            try await harness.register("wh_1")
            try await harness.register("wh_2", events: [.commentCreated])
            let receipt = try await harness.publish()
            let event = try await harness.store.event("evt_1", account: "acc_1")
            try harness.expectEqual(event?.receipt.entries, receipt.entries, "the receipt")
            try harness.expectEqual(event?.type, .taskCreated, "the type")
            try harness.expectEqual(event?.publishedAt, harness.clock.now, "when it was published")
            try harness.expect(try await harness.store.event("evt_1", account: "acc_2") == nil, "acc_2 knows it")
            try harness.expect(try await harness.store.event("evt_2", account: "acc_1") == nil, "evt_2 is there")
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
