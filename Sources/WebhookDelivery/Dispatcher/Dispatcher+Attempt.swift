internal import WebhookEvents
internal import WebhookRetries

extension Dispatcher {
    /// Makes one attempt, unless its claim is too old or its webhook was stopped meanwhile.
    func attempt(_ claimed: ClaimedDelivery, _ slot: DispatcherState.Slot, claimedAt: Duration) async {
        guard let current = await current(claimed, claimedAt: claimedAt) else {
            let isLate = clock.uptime - claimedAt >= configuration.trustWindow
            return inbox.attemptNotStarted(Release(claimed.lease), slot, isLate: isLate)
        }
        // Whoever was cancelled before it began sends nothing: nobody would hear of the outcome.
        guard !Task.isCancelled else { return }
        observation.report(.attemptStarted(current.delivery))
        let result = await sender.send(current)
        // A broken-off attempt is nobody's news: the delivery is free again when its lease ends.
        guard !Task.isCancelled else { return }
        switch result {
        case .ended(let settlement):
            observation.report(.attempted(current.delivery, settlement.attempt, settlement.decision))
            inbox.attemptFinished(settlement, slot)
        case .givenBack(let failure):
            if faults.isNews(failure, at: clock.uptime) { observation.report(.senderFault(failure)) }
            inbox.attemptNotStarted(Release(current.lease, .senderFault), slot, isLate: false)
        }
    }

    /// The delivery with its webhook as it is now; `nil` when it must not be sent.
    ///
    /// What a claim says about the webhook counts for a moment. A worker that was held up longer asks again, because the
    /// webhook may have been disabled, deleted or moved, or have another secret.
    private func current(_ claimed: ClaimedDelivery, claimedAt: Duration) async -> ClaimedDelivery? {
        let age = clock.uptime - claimedAt
        guard age < configuration.trustWindow else { return nil }
        guard age > configuration.freshness else { return claimed }
        guard let registered = try? await store.webhook(claimed.webhook.id, account: claimed.webhook.account),
            registered.webhook.state == .active, clock.uptime - claimedAt < configuration.trustWindow
        else { return nil }
        return claimed.with(registered)
    }
}

extension ClaimedDelivery {
    /// The same delivery to its webhook as it is now.
    fileprivate func with(_ registered: RegisteredWebhook) -> ClaimedDelivery {
        var webhook = registered.webhook
        // The lease was made for the time that the claim knew of.
        webhook.timeout = min(webhook.timeout, self.webhook.timeout)
        return ClaimedDelivery(
            lease: lease, delivery: delivery, webhook: webhook, pace: pace, secrets: registered.secrets, body: body)
    }
}
