internal import Synchronization
public import WebhookDelivery
public import WebhookEvents

extension InMemoryStore {
    /// Returns an event without its body.
    public func event(_ id: EventID, account: AccountID) async throws -> StoredEvent? {
        state.withLock { state in
            state.events[EventKey(account: account, event: id)].map { event in
                let receipt = PublishReceipt(eventID: id, isDuplicate: true, entries: event.entries)
                return StoredEvent(id: id, type: event.type, publishedAt: event.publishedAt, receipt: receipt)
            }
        }
    }

    /// Returns a delivery with its attempts.
    public func delivery(_ id: DeliveryID, account: AccountID) async throws -> Delivery.History? {
        state.withLock { state in
            guard let stored = state.deliveries[id], stored.delivery.accountID == account else { return nil }
            return Delivery.History(delivery: stored.delivery, attempts: stored.attempts)
        }
    }

    /// Returns an account's deliveries, newest first.
    public func deliveries(_ query: Delivery.Query) async throws -> [Delivery.History] {
        state.withLock { state in
            let matching = state.deliveries.values.filter { query.matches($0.delivery) }
            return matching.sorted { $0.delivery.id > $1.delivery.id }.prefix(max(0, query.limit))
                .map { stored in
                    let attempts = stored.attempts.map { $0.withResponseBody(nil) }
                    return Delivery.History(delivery: stored.delivery, attempts: attempts)
                }
        }
    }

    /// Returns the delivery statistics of a webhook.
    public func statistics(
        of webhook: WebhookID, account: AccountID, over window: DeliveryStatistics.Window
    ) async throws -> DeliveryStatistics {
        state.withLock { state in
            var statistics = DeliveryStatistics(over: window)
            for stored in state.deliveries.values {
                let delivery = stored.delivery
                guard delivery.webhookID == webhook, delivery.accountID == account, delivery.trigger != .test else {
                    continue
                }
                for attempt in stored.attempts {
                    let isLast = delivery.state.status.isFinal && attempt.number == delivery.state.attempts
                    statistics.add(attempt, ended: isLast ? delivery.state.status : nil)
                }
            }
            return statistics
        }
    }

    /// Returns the delivery counts of an account, or of all accounts.
    public func deliveryCounts(of account: AccountID?) async throws -> DeliveryCounts {
        state.withLock { state in
            var deliveryCounts = DeliveryCounts()
            // Accepted deliveries are counted from the events, so that a test can compare them with the deliveries.
            for (key, event) in state.events where account == nil || key.account == account {
                deliveryCounts.accepted += event.deliveries.count
            }
            for stored in state.deliveries.values where account == nil || stored.delivery.accountID == account {
                deliveryCounts.add(1, stored.delivery.state.status)
            }
            return deliveryCounts
        }
    }
}
