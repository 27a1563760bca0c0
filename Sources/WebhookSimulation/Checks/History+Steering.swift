internal import WebhookDelivery
internal import WebhookRetries

extension History {
    /// Checks guarantee 54: an endpoint ends a delivery or stops its webhook only if the webhook allows it.
    func checkSteering(
        _ settlement: Settlement, _ record: RequestRecord?, _ change: Webhook.HealthChange?, _ track: DeliveryTrack,
        _ webhook: WebhookTrack
    ) {
        // After a clock was set, a report may be paired with another request of its delivery.
        guard !areLeasesAffectedByClock else { return }
        let asked = record?.steering.flatMap { ["abort-message", "disable"].contains($0) ? $0 : nil }
        let isAllowed = webhook.webhook?.allowsSteering ?? false
        let isAborted = settlement.decision == .giveUp(.aborted)
        expect(!isAborted || isAllowed && asked != nil, "54: \(track.id) was aborted after \(asked ?? "no request")")
        expect(
            change != .disabledByEndpoint || isAllowed && asked == "disable",
            "54: \(webhook.id) was disabled after \(asked ?? "no request")")
        guard isAllowed, let asked else { return }
        if case .retry = settlement.decision { violate("54: \(track.id) is retried after \(asked)") }
        guard asked == "disable", webhook.state == .active, webhook.deletedAt == nil else { return }
        expect(change == .disabledByEndpoint, "54: \(webhook.id) is \(String(describing: change)) after \(asked)")
    }
}
