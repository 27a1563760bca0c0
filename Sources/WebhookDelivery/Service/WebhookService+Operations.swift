public import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

extension WebhookService {
    /// Sends a sample event to one webhook, whatever it subscribes to and also while it is off, and waits for the outcome.
    ///
    /// It is made by the encoder of real events and sent the way they are sent, marked by `X-TaskFlow-Test: true`. It is
    /// tried once, counts towards the day, and has no effect on the webhook's health.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - type: A documented type.
    ///   - account: The account that the webhook must belong to.
    /// - Returns: What came of it, or `nil` when the account has no such webhook.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/unknownEventType``; `LimitError` when the day is used
    ///   up, or when as many requests are in flight as may be, with the time to try again; what the store throws.
    public func test(_ id: WebhookID, with type: EventType, account: AccountID) async throws -> TestReport? {
        // First of all: what is refused again and again must cost next to nothing.
        try await dispatcher.tests.run(for: account, orThrow: busy) {
            try await send(try testPublication(of: type, account: account), to: id)
        }
    }

    /// The refusal of what would go past the sender's own bounds.
    var busy: LimitError { limits.busy(until: clock.now + .seconds(1)) }

    private func testPublication(of type: EventType, account: AccountID) throws -> EventPublication {
        guard let sample = try SampleStory.sample(of: type) else {
            throw DeliveryError(
                .unknownEventType, "There is no sample of \(type)", hint: "Test with one of the documented types.")
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
        case .usedUp(let until): throw limits.usedUp(until: until)
        case .busy(let until): throw limits.busy(until: until)
        case .unknown: return nil
        }
        let settlement = await dispatcher.sender.attempt(claimed).settlement
        await record(settlement, rules)
        return TestReport(
            delivery: claimed.delivery.id, event: publication.envelope.id, attempt: settlement.attempt,
            outcome: settlement.outcome)
    }

    /// Records a test's attempt.
    ///
    /// Whoever asked hears of the outcome even when the store does not take it.
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

    /// Sends a delivery again that is over: a new delivery of the same event, with the same bytes.
    ///
    /// - Parameters:
    ///   - id: The delivery.
    ///   - account: The account that it must belong to.
    ///   - new: Names the new delivery; one is made without it. With the same name it is safe to ask again.
    /// - Returns: The new delivery, or the old one when it is not over yet.
    /// - Throws: `LimitError` while as many deliveries wait for the webhook as may, with the time to try again; what the store
    ///   throws.
    public func redeliver(
        _ id: DeliveryID, account: AccountID, as new: DeliveryID? = nil
    ) async throws -> Redelivery {
        let new = new ?? DeliveryID(prefix: "del_", at: clock.now, entropy: entropy())
        let result = try await store.redeliver(id, account: account, as: new, limits: limits)
        dispatcher.wake()
        return result
    }
}
