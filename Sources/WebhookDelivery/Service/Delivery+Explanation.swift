public import WebhookEvents
public import WebhookRetries

extension Delivery {
    /// Explains why an event was delivered to a webhook, has not been delivered yet, or never will be.
    public struct Explanation: Sendable, Hashable {
        /// The state of the event for the webhook.
        public enum Verdict: Sendable, Hashable {
            /// The account has no such event; it may have been pruned.
            case unknownEvent
            /// The webhook did not exist when the event was published.
            case registeredLater
            /// No delivery was created for the event.
            case skipped(PublishReceipt.SkipReason)
            /// The webhook's endpoint accepted the event.
            case delivered(at: Timestamp)
            /// A request is in flight.
            case inFlight
            /// The delivery waits for this.
            case waiting(Wait)
            /// All attempts failed, or the endpoint is gone.
            case failed(Delivery.State.Reason?)
            /// The delivery was cancelled or rejected.
            case dropped(Delivery.State.Reason?)
            /// The delivery is no longer stored.
            case forgotten
        }

        /// What a delivery waits for.
        public enum Wait: Sendable, Hashable {
            /// Its turn; the delivery is due.
            case turn
            /// The next attempt in its retry schedule.
            case retry(at: Timestamp)
            /// Resources of the sender; this uses up no attempt.
            case sender(at: Timestamp)
            /// The next day, because the daily quota is exhausted.
            case nextDay(at: Timestamp)
            /// The end of a pause of the circuit breaker, or the next request that the webhook's rate allows.
            case endpoint(until: Timestamp)
            /// The end of the time that the endpoint asked for with `Retry-After`; this uses up no attempt.
            case backingOff(until: Timestamp)
            /// An earlier event with the same ordering key.
            case earlierEvent
            /// The webhook to be enabled.
            case webhook(Webhook.Status)
        }

        /// The state of the event.
        public let verdict: Verdict
        /// The event's deliveries to the webhook with their attempts, oldest first.
        public let deliveries: [Delivery.History]
        /// The attempts that remain if all of them fail.
        public let planned: [RetryPolicy.PlannedAttempt]
    }
}

extension Delivery.Explanation {
    /// Creates an explanation.
    ///
    /// - Parameters:
    ///   - event: The event, or `nil` when there is none.
    ///   - webhook: The webhook.
    ///   - histories: The event's deliveries to the webhook, oldest first.
    ///   - hasEarlier: Whether an earlier delivery with the same ordering key is open.
    ///   - now: The current time.
    ///   - rules: The host's delivery rules.
    init(
        event: StoredEvent?, webhook: Webhook, histories: [Delivery.History], hasEarlier: Bool, now: Timestamp,
        rules: DeliveryRules
    ) {
        deliveries = histories
        guard let event else {
            (verdict, planned) = (.unknownEvent, [])
            return
        }
        guard let delivery = histories.last?.delivery else {
            planned = []
            switch event.receipt.entries.first(where: { $0.webhookID == webhook.id })?.result {
            case nil: verdict = .registeredLater
            case .skipped(let reason)?: verdict = .skipped(reason)
            case .delivery?: verdict = .forgotten
            }
            return
        }
        let state = delivery.state
        switch state.status {
        case .succeeded: verdict = .delivered(at: state.dueAt)
        case .failed: verdict = .failed(state.reason)
        case .cancelled, .rejected: verdict = .dropped(state.reason)
        case .leased where state.dueAt > now: verdict = .inFlight
        case .leased, .pending:
            verdict = .waiting(Self.wait(of: state, webhook, hasEarlier: hasEarlier, now: now, rules: rules))
        }
        guard !state.status.isFinal, delivery.trigger != .test else {
            planned = []
            return
        }
        planned = webhook.retryPolicy.plan(
            from: max(state.dueAt, now), startingWith: state.attempts + 1, timeout: webhook.timeout)
    }

    private static func wait(
        of state: Delivery.State, _ webhook: Webhook, hasEarlier: Bool, now: Timestamp, rules: DeliveryRules
    ) -> Wait {
        if webhook.status != .active { return .webhook(webhook.status) }
        if hasEarlier { return .earlierEvent }
        if state.dueAt > now {
            switch state.reason {
            case .dailyLimit: return .nextDay(at: state.dueAt)
            case .senderFault: return .sender(at: state.dueAt)
            default: return .retry(at: state.dueAt)
            }
        }
        if case .closed(let until) = webhook.gate(now: now, rules: rules) {
            return until == webhook.backOffEnd(now: now, rules.health)
                ? .backingOff(until: until) : .endpoint(until: until)
        }
        return .turn
    }
}
