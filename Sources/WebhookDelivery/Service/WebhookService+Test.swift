public import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

extension WebhookService {
    /// Sends a sample event to one webhook, regardless of its state and event types, and waits for the outcome.
    ///
    /// The sample is encoded and sent like a real event, with the additional header `X-TaskFlow-Test: true`. It is not
    /// retried, counts towards the daily quota, and has no effect on the webhook's health.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own the webhook.
    ///   - type: A documented event type.
    /// - Returns: The result, or `nil` when the account has no such webhook.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/unknownEventType``; `LimitError`, with the time to
    ///   retry, if the daily quota is exhausted or too many requests are in flight; errors of the store.
    public func test(_ id: WebhookID, account: AccountID, with type: EventType) async throws -> TestReport? {
        // This check comes first, because repeated refusals must cost almost nothing.
        try await dispatcher.tests.run(for: account, orThrow: busy) {
            try await send(try testPublication(of: type, account: account), to: id)
        }
    }

    /// The error for calls that would exceed the sender's limits.
    var busy: LimitError { limits.busy(until: clock.now + .seconds(1)) }

    private func testPublication(of type: EventType, account: AccountID) throws -> EventPublication {
        guard let sample = try SampleStory.sample(of: type) else {
            throw DeliveryError(
                .unknownEventType, "There is no sample of the event type \(type)", hint: "Use a documented event type.")
        }
        let metadata = EventMetadata(accountID: account, orderingKey: sample.metadata.orderingKey)
        return try publication(
            of: Envelope(sample.event(), id: newEventID(), timestamp: clock.now, metadata: metadata))
    }

    private func send(_ publication: EventPublication, to id: WebhookID) async throws -> TestReport? {
        let rules = dispatcher.configuration.rules
        let claimed: ClaimedDelivery
        switch try await store.lease(test: publication, to: id, rules: rules) {
        case .leased(let delivery): claimed = delivery
        case .quotaExhausted(let until): throw limits.quotaExhausted(until: until)
        case .busy(let until): throw limits.busy(until: until)
        case .unknown: return nil
        }
        let settlement = await dispatcher.sender.attempt(claimed).settlement
        await record(settlement, rules)
        return WebhookService.TestReport(
            deliveryID: claimed.delivery.id, eventID: publication.envelope.id, attempt: settlement.attempt,
            outcome: settlement.outcome)
    }

    /// Records the attempt of a test.
    ///
    /// The caller gets the outcome even if the store does not accept the report.
    private func record(_ settlement: Settlement, _ rules: DeliveryRules) async {
        for _ in 0..<3 {
            do {
                guard try await store.settle([settlement], rules: rules) == [.busy] else { return }
                try await clock.sleep(for: .milliseconds(100))
            } catch {
                dispatcher.observation.report(.storeUnavailable(String(describing: error)))
            }
        }
    }
}
