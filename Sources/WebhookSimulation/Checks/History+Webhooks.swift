internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookSigning

extension History {
    func webhookChanged(_ webhook: Webhook, secrets: SecretRotation? = nil) {
        let now = scheduler.now
        if let track = webhooks[webhook.id] {
            if track.webhook?.url != webhook.url {
                (track.failures, track.pausedUntil) = (0, nil)
            }
            if webhook.health.backOffUntil == nil { track.backOffUntil = nil }
            track.versions.append((now, webhook))
            if track.state != webhook.status {
                track.states.append((now, webhook.status))
                // Enabling a webhook resets its circuit breaker.
                if webhook.status == .active { (track.failures, track.pausedUntil) = (0, nil) }
            }
        } else if let secrets {
            webhooks[webhook.id] = WebhookTrack(webhook, secrets: SecretTrack(secrets.current), at: now)
        }
        scheduler.record("\(webhook.id) is \(webhook.status), version \(webhook.version)")
    }

    func secretsChanged(of id: WebhookID, _ step: SecretRotation.Change) {
        webhooks[id]?.secrets.apply(step, now: storeClock.now)
        scheduler.record("the secrets of \(id) change: \(step)")
    }

    func webhookDeleted(_ id: WebhookID) {
        guard let track = webhooks[id], track.deletedAt == nil else { return }
        track.deletedAt = scheduler.now
        for delivery in open(of: id) { end(delivery, .cancelled) }
        scheduler.record("\(id) is deleted")
        happened("webhooks deleted")
    }

    /// Checks that discarding a backlog cancelled the waiting deliveries, but not the leased ones.
    func discarded(_ id: WebhookID, cancelled: [DeliveryID]) {
        for delivery in open(of: id) {
            let isCancelled = cancelled.contains(delivery.id)
            // If the lease has expired, the delivery counts as waiting in the store.
            let isHeld = delivery.status == .leased && delivery.leasedUntil.map { $0 > latestStoreTime } ?? false
            expect(!isCancelled || !isHeld, "\(delivery.id) was discarded while it was leased")
            expect(isCancelled || delivery.status == .leased, "\(delivery.id) was waiting and was not discarded")
            guard isCancelled else { continue }
            end(delivery, .cancelled)
            happened("deliveries discarded")
        }
    }

    func open(of id: WebhookID) -> [DeliveryTrack] {
        deliveries.values.filter { $0.webhook == id && !$0.status.isFinal }
    }

    func end(_ delivery: DeliveryTrack, _ status: Delivery.State.Status) {
        expect(!delivery.status.isFinal, "9: \(delivery.id) was \(delivery.status) and became \(status)")
        delivery.status = status
        delivery.leasedUntil = nil
    }

    /// Checks a committed event: every matching webhook of its account has a delivery, and no other webhook has.
    func published(_ publication: EventPublication, _ receipt: PublishReceipt) {
        let key = EventTrack.Key(account: publication.accountID, event: publication.envelope.id)
        scheduler.record("\(key.event) is published with \(receipt.deliveryIDs.count) deliveries")
        if let first = events[key] {
            expect(receipt.isDuplicate && receipt.entries == first.receipt.entries, "4: \(key.event) has two receipts")
            return happened("repeated publishes")
        }
        expect(!receipt.isDuplicate, "4: \(key.event) is a duplicate of no earlier event")
        largestBody = max(largestBody, publication.envelope.bytes.count)
        events[key] = EventTrack(body: publication.envelope.bytes, receipt: receipt)
        let wanted = webhooks.values.filter { $0.account == key.account && $0.deletedAt == nil }
        expect(
            Set(receipt.entries.map(\.webhookID)) == Set(wanted.map(\.id)),
            "1: the receipt of \(key.event) covers \(receipt.entries.count) webhooks, not \(wanted.count)")
        for entry in receipt.entries {
            guard let track = webhooks[entry.webhookID] else { continue }
            let expected = reasonToSkip(publication.envelope.type, track)
            switch (entry.result, expected) {
            case (.skipped(let reason), let expected?):
                expect(reason == expected, "1: \(key.event) skips \(track.id) as \(reason), not as \(expected)")
                happened("skipped: \(reason)")
            case (.delivery(let id), nil):
                deliveries[id] = DeliveryTrack(
                    id: id, event: key, webhook: track.id,
                    orderingKey: track.ordering == .resource ? publication.envelope.metadata.orderingKey : nil,
                    place: nextPlace(), madeAt: scheduler.now)
            case (.delivery, let expected?): violate("1: \(key.event) is delivered to \(track.id) despite \(expected)")
            case (.skipped(let reason), nil): violate("1: \(key.event) skips \(track.id) as \(reason)")
            }
        }
    }

    /// Checks a redelivery, whose original delivery must be finished.
    func redelivered(_ delivery: Delivery) {
        guard deliveries[delivery.id] == nil else { return }
        guard let old = delivery.redeliveryOf.flatMap({ deliveries[$0] }) else {
            return violate("1: \(delivery.id) redelivers an unknown delivery")
        }
        expect(old.status.isFinal, "9: \(old.id) is \(old.status) and was redelivered")
        if delivery.trigger == .replay {
            let others = deliveries.values.filter {
                $0.event == old.event && $0.webhook == old.webhook && $0.id != old.id
            }
            expect(
                others.allSatisfy { $0.status.isFinal && $0.status != .succeeded },
                "replay: \(old.id) was redelivered, but another delivery is open or succeeded")
            happened("redeliveries of replays")
        }
        let track = DeliveryTrack(
            id: delivery.id, event: old.event, webhook: old.webhook, orderingKey: old.orderingKey, place: nextPlace(),
            madeAt: scheduler.now)
        track.isRecovered = delivery.trigger == .replay
        deliveries[delivery.id] = track
        happened("redeliveries")
    }

    private func reasonToSkip(_ type: EventType, _ track: WebhookTrack) -> PublishReceipt.SkipReason? {
        if track.state == .disabled { return .disabled }
        if track.webhook?.hasExpired(now: storeClock.now) ?? false { return .expired }
        guard track.events.contains(.all) || track.events.map(\.rawValue).contains(type.rawValue) else {
            return .notSubscribed
        }
        // The number of open deliveries cannot exceed the number of all deliveries.
        let limit = plan.limits.openDeliveriesPerWebhook
        return deliveries.count >= limit && open(of: track.id).count >= limit ? .backlogFull : nil
    }
}
