public import WebhookEvents
public import WebhookRetries

/// Why an event arrived at a webhook, has not arrived yet, or never will: the answer to "why did I not get it?".
public struct Explanation: Sendable, Hashable {
    /// Where the event stands with the webhook.
    public enum Verdict: Sendable, Hashable {
        /// The account has no such event; it may have been removed after its retention.
        case unknownEvent
        /// The webhook was not there when the event was published.
        case registeredLater
        /// The event made no delivery.
        case skipped(SkipReason)
        /// The webhook accepted it.
        case delivered(at: Timestamp)
        /// It is on its way: a request is being made.
        case underWay
        /// It waits, for this.
        case waiting(Wait)
        /// Its attempts are used up, or the endpoint is gone.
        case failed(DeliveryState.Reason?)
        /// It was cancelled or rejected.
        case dropped(DeliveryState.Reason?)
        /// There is no record of its delivery any more.
        case forgotten
    }

    /// What a delivery waits for.
    public enum Wait: Sendable, Hashable {
        /// Its turn: it is due.
        case turn
        /// The next attempt of its schedule.
        case retry(at: Timestamp)
        /// The sender to have resources of its own again; no attempt is used up.
        case sender(at: Timestamp)
        /// The next day: this one's deliveries are used up.
        case nextDay(at: Timestamp)
        /// The endpoint to recover from failures in a row, or the webhook's rate to allow another request.
        case endpoint(until: Timestamp)
        /// The end of the time that the endpoint has asked for, by `Retry-After`; no attempt is used up.
        case quiet(until: Timestamp)
        /// An earlier event of the same resource.
        case earlierEvent
        /// Somebody to switch the webhook on.
        case webhook(Webhook.State)
    }

    /// Where the event stands.
    public let verdict: Verdict
    /// The deliveries of the event to the webhook with their attempts, oldest first.
    public let deliveries: [DeliveryHistory]
    /// The attempts that are still to come if all of them fail.
    public let planned: [PlannedAttempt]
}

extension Explanation {
    /// Puts an explanation together.
    ///
    /// - Parameters:
    ///   - event: The event, or `nil` when there is none.
    ///   - webhook: The webhook.
    ///   - histories: The event's deliveries to the webhook, oldest first.
    ///   - hasEarlier: Whether an earlier delivery with the same ordering key is open.
    ///   - now: The time now.
    ///   - rules: How the engine delivers.
    init(
        event: StoredEvent?, webhook: Webhook, histories: [DeliveryHistory], hasEarlier: Bool, at now: Timestamp,
        rules: DeliveryRules
    ) {
        deliveries = histories
        guard let event else {
            (verdict, planned) = (.unknownEvent, [])
            return
        }
        guard let delivery = histories.last?.delivery else {
            planned = []
            switch event.receipt.entries.first(where: { $0.webhook == webhook.id })?.result {
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
        case .leased where state.dueAt > now: verdict = .underWay
        case .leased, .pending:
            verdict = .waiting(Self.wait(of: state, webhook, hasEarlier: hasEarlier, at: now, rules: rules))
        }
        guard !state.status.isFinal, delivery.trigger != .test else {
            planned = []
            return
        }
        planned = webhook.retryPolicy.plan(
            from: max(state.dueAt, now), startingWith: state.attempts + 1, timeout: webhook.timeout)
    }

    private static func wait(
        of state: DeliveryState, _ webhook: Webhook, hasEarlier: Bool, at now: Timestamp, rules: DeliveryRules
    ) -> Wait {
        if webhook.state != .active { return .webhook(webhook.state) }
        if hasEarlier { return .earlierEvent }
        if state.dueAt > now {
            switch state.reason {
            case .dailyLimit: return .nextDay(at: state.dueAt)
            case .senderFault: return .sender(at: state.dueAt)
            default: return .retry(at: state.dueAt)
            }
        }
        if case .closed(let until) = webhook.gate(at: now, rules: rules) {
            return until == webhook.quietEnd(at: now, rules.health) ? .quiet(until: until) : .endpoint(until: until)
        }
        return .turn
    }
}
