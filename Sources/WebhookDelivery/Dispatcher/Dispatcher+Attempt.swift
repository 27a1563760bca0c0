internal import WebhookEvents
internal import WebhookRetries

extension Dispatcher {
    /// Makes one attempt, unless its claim is too old or its webhook has been stopped.
    func attempt(_ claimed: ClaimedDelivery, _ slot: DispatcherState.Slot, claimedAt: Duration) async {
        guard let current = await current(claimed, claimedAt: claimedAt) else {
            let isLate = clock.uptime - claimedAt >= configuration.maximumClaimAge
            return inbox.attemptNotStarted(Release(claimed.lease), slot, isLate: isLate)
        }
        // A task that was cancelled before the attempt sends nothing, because the outcome would not be reported.
        guard !Task.isCancelled else { return }
        observation.report(.attemptStarted(current.delivery, trace: current.trace))
        let result = await sender.send(current)
        // A cancelled attempt is not reported: the delivery can be claimed again when its lease expires.
        guard !Task.isCancelled else { return }
        switch result {
        case .ended(let settlement):
            observation.report(
                .attempted(current.delivery, settlement.attempt, settlement.decision, trace: current.trace))
            inbox.attemptFinished(settlement, slot)
        case .givenBack(let failure):
            if faults.shouldReport(failure, at: clock.uptime) { observation.report(.senderFault(failure)) }
            inbox.attemptNotStarted(Release(current.lease, .senderFault), slot, isLate: false)
        }
    }

    /// Returns the delivery with its current webhook; `nil` if it must not be sent.
    ///
    /// The webhook in a claim is current only for a moment. A worker that was delayed for longer reads it again,
    /// because it may have been disabled, deleted or moved, or its secret may have changed.
    private func current(_ claimed: ClaimedDelivery, claimedAt: Duration) async -> ClaimedDelivery? {
        let age = clock.uptime - claimedAt
        guard age < configuration.maximumClaimAge else { return nil }
        guard age > configuration.maximumUncheckedClaimAge else { return claimed }
        guard let registered = try? await store.webhook(claimed.webhook.id, account: claimed.webhook.accountID),
            registered.webhook.status == .active, clock.uptime - claimedAt < configuration.maximumClaimAge
        else { return nil }
        return claimed.with(registered)
    }
}

extension ClaimedDelivery {
    /// Returns the same delivery with its current webhook.
    fileprivate func with(_ registered: RegisteredWebhook) -> ClaimedDelivery {
        var webhook = registered.webhook
        // The lease only covers the timeout at the time of the claim.
        webhook.timeout = min(webhook.timeout, self.webhook.timeout)
        return ClaimedDelivery(
            lease: lease, delivery: delivery, webhook: webhook, pace: pace, secrets: registered.secrets, body: body,
            trace: trace)
    }
}
