internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookTesting

extension StoreConformance {
    static let exchangeCases: [Case] = [
        Case("What an attempt sent and what the endpoint answered are returned unchanged, byte for byte") { harness in
            let bodies: [[UInt8]] = [
                Array("Internal error".utf8), [], [0, 255, 254, 0, 13, 10, 34, 92, 0xC3, 0x28, 0xED, 0xA0, 0x80],
                Array(repeating: 7, count: WebhookResponse.maximumBodyLength),
            ]
            try await harness.register(
                retries: RetryPolicy(clamping: Array(repeating: .seconds(1), count: 8), jitter: 0))
            try await harness.publish()
            var exchanges: [Attempt.Exchange?] = []
            for body in bodies + [nil] as [[UInt8]?] {
                let claimed = try await harness.claimAfterExpiredLeases()
                let exchange = body.map { StoreHarness.exchange(body: $0) }
                exchanges.append(exchange)
                try await harness.settle(claimed, .retry(after: .seconds(1)), exchange: exchange)
                harness.clock.advance(by: .seconds(1))
            }
            let id = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1")).at(0).delivery.id
            let whole = try await harness.delivery(id)
            for (attempt, exchange) in zip(whole.attempts, exchanges) {
                try harness.expect(
                    attempt.exchange == exchange, "attempt \(attempt.number): \(String(describing: attempt.exchange))")
            }
            try harness.expectEqual(whole.attempts.count, exchanges.count, "attempts")
        },
        Case("Lists of deliveries have the exchanges of attempts without the responses' bodies") { harness in
            try await harness.register()
            try await harness.publish()
            let exchange = StoreHarness.exchange(body: Array("No".utf8))
            try await harness.settle(try await harness.claimOne(), .giveUp(.exhausted), exchange: exchange)
            let listed = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1")).at(0).attempts.at(0)
            try harness.expectEqual(listed.exchange?.response?.body, nil, "the body in a list")
            try harness.expectEqual(listed.exchange?.response?.bodyLength, 2, "the length of the body")
            try harness.expectEqual(
                listed.exchange?.requestHeaders, exchange.requestHeaders, "the header fields of the request")
            try harness.expectEqual(listed.exchange?.address?.description, "192.0.2.1", "the address")
        },
        Case("A delivery is returned by its identifier to its account only") { harness in
            try await harness.register()
            let receipt = try await harness.publish()
            guard let id = receipt.deliveryIDs.first else { throw ConformanceFailure(description: "no delivery") }
            try harness.expectEqual(try await harness.delivery(id).delivery.eventID, "evt_1", "the event")
            try harness.expect(
                try await harness.store.delivery(id, account: "acc_2") == nil, "another account read the delivery")
            try harness.expect(
                try await harness.store.delivery("del_unknown", account: "acc_1") == nil, "an unknown delivery exists")
            try await harness.settle(try await harness.claimOne(), .succeed)
            try harness.expectEqual(try await harness.delivery(id).delivery.state.status, .succeeded, "its status")
        },
        Case("Bodies of responses are removed by the age of their attempts, and all else is kept") { harness in
            try await harness.register()
            for number in 1...4 {
                try await harness.publish(EventID(unchecked: "evt_\(number)"))
                let exchange = StoreHarness.exchange(body: Array("answer \(number)".utf8))
                try await harness.settle(
                    try await harness.claimOne(), .retry(after: .seconds(100_000)), exchange: exchange)
                harness.clock.advance(by: .seconds(60))
            }
            let before = harness.clock.now - .seconds(61)
            try harness.expectEqual(
                try await harness.store.removeResponseBodies(before: before, limit: 2), 2, "removed in one step")
            try harness.expectEqual(
                try await harness.store.removeResponseBodies(before: before, limit: 2), 1, "removed in the next step")
            let all = try await harness.store.deliveries(Delivery.Query(accountID: "acc_1"))
            try harness.expectEqual(all.count, 4, "deliveries")
            var kept: [String?] = []
            for listed in all {
                let attempt = try await harness.delivery(listed.delivery.id).attempts.at(0)
                try harness.expectEqual(attempt.exchange?.response?.bodyLength, 8, "the length of a removed body")
                kept.append(attempt.exchange?.response?.body.map { String(decoding: $0, as: UTF8.self) })
            }
            try harness.expectEqual(kept, ["answer 4", nil, nil, nil], "bodies, newest first")
        },
        Case("Removed events leave no bodies of responses behind") { harness in
            try await harness.register()
            try await harness.publish()
            let exchange = StoreHarness.exchange(body: Array("No".utf8))
            try await harness.settle(try await harness.claimOne(), .giveUp(.exhausted), exchange: exchange)
            harness.clock.advance(by: .seconds(60))
            try harness.expectEqual(try await harness.store.prune(before: harness.clock.now, limit: 10), 1, "events")
            try harness.expectEqual(
                try await harness.store.removeResponseBodies(before: harness.clock.now, limit: 10), 0, "bodies")
        },
    ]
}

extension StoreHarness {
    static func exchange(body: [UInt8]) -> Attempt.Exchange {
        Attempt.Exchange(
            url: "https://example.com/path?a=b", address: IPAddress("192.0.2.1"),
            requestHeaders: HeaderFields([
                ("X-TaskFlow-Signature", "sha256=00"), ("Authorization", Attempt.Exchange.hiddenValue),
                ("X-Quote", #"a "quoted" \ value: é 🚀"#),
            ]), requestLength: 512,
            response: Attempt.Exchange.Response(
                headers: HeaderFields([("content-type", "text/plain"), ("x-request-id", "1"), ("x-request-id", "2")]),
                body: body, isBodyComplete: body.count < WebhookResponse.maximumBodyLength))
    }

    fileprivate func settle(
        _ claimed: ClaimedDelivery, _ decision: RetryDecision, exchange: Attempt.Exchange?
    ) async throws {
        let report = settlement(claimed, decision)
        let attempt = Attempt(
            number: report.attempt.number, startedAt: report.attempt.startedAt, duration: report.attempt.duration,
            statusCode: report.attempt.statusCode, errorType: report.attempt.errorType, exchange: exchange)
        let results = try await store.settle(
            [Settlement(lease: claimed.lease, attempt: attempt, outcome: report.outcome, decision: decision)],
            rules: Self.rules)
        guard case .settled? = results.first else {
            throw ConformanceFailure(description: "a settlement is \(results)")
        }
    }

    func delivery(_ id: DeliveryID, account: AccountID = "acc_1") async throws -> Delivery.History {
        guard let history = try await store.delivery(id, account: account) else {
            throw ConformanceFailure(description: "the delivery \(id) was not found by its identifier")
        }
        return history
    }
}
