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
            if webhook.health.quietUntil == nil { track.quietUntil = nil }
            track.versions.append((now, webhook))
            if track.state != webhook.state {
                track.states.append((now, webhook.state))
                // Whoever switches it on wants to see whether it works.
                if webhook.state == .active { (track.failures, track.pausedUntil) = (0, nil) }
            }
        } else if let secrets {
            webhooks[webhook.id] = WebhookTrack(webhook, secrets: SecretTrack(secrets.current), at: now)
        }
        scheduler.record("\(webhook.id) is \(webhook.state), version \(webhook.version)")
    }

    func secretsChanged(of id: WebhookID, _ step: SecretRotation.Step) {
        webhooks[id]?.secrets.apply(step, at: storeClock.now)
        scheduler.record("\(id) has other secrets: \(step)")
    }

    func webhookDeleted(_ id: WebhookID) {
        guard let track = webhooks[id], track.deletedAt == nil else { return }
        track.deletedAt = scheduler.now
        for delivery in open(of: id) { end(delivery, .cancelled) }
        scheduler.record("\(id) is deleted")
        happened("webhooks deleted")
    }

    /// The deliveries that waited were given up; those that somebody has were not.
    func discarded(_ id: WebhookID, cancelled: [DeliveryID]) {
        for delivery in open(of: id) {
            let isCancelled = cancelled.contains(delivery.id)
            // Whoever had it may have fallen silent; then it waits, as far as the store is concerned.
            let isHeld = delivery.status == .leased && delivery.leasedUntil.map { $0 > latestStoreTime } ?? false
            expect(!isCancelled || !isHeld, "\(delivery.id) was given up while somebody had it")
            expect(isCancelled || delivery.status == .leased, "\(delivery.id) waited and was not given up")
            guard isCancelled else { continue }
            end(delivery, .cancelled)
            happened("deliveries discarded")
        }
    }

    func open(of id: WebhookID) -> [DeliveryTrack] {
        deliveries.values.filter { $0.webhook == id && !$0.status.isFinal }
    }

    func end(_ delivery: DeliveryTrack, _ status: DeliveryState.Status) {
        expect(!delivery.status.isFinal, "9: \(delivery.id) was \(delivery.status) and became \(status)")
        delivery.status = status
        delivery.leasedUntil = nil
    }

    /// An event was committed: every webhook of its account that wanted it has a delivery, and no other has.
    func published(_ publication: EventPublication, _ receipt: PublishReceipt) {
        let key = EventTrack.Key(account: publication.account, event: publication.envelope.id)
        scheduler.record("\(key.event) is published: \(receipt.deliveries.count) deliveries")
        if let first = events[key] {
            expect(receipt.isDuplicate && receipt.entries == first.receipt.entries, "4: \(key.event) has two receipts")
            return happened("repeated publishes")
        }
        expect(!receipt.isDuplicate, "4: \(key.event) is a duplicate of nothing")
        largestBody = max(largestBody, publication.envelope.bytes.count)
        events[key] = EventTrack(body: publication.envelope.bytes, receipt: receipt)
        let wanted = webhooks.values.filter { $0.account == key.account && $0.deletedAt == nil }
        expect(
            Set(receipt.entries.map(\.webhook)) == Set(wanted.map(\.id)),
            "1: \(key.event) has a receipt for \(receipt.entries.count) webhooks of \(wanted.count)")
        for entry in receipt.entries {
            guard let track = webhooks[entry.webhook] else { continue }
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
            case (.delivery, let expected?): violate("1: \(key.event) goes to \(track.id), which is \(expected)")
            case (.skipped(let reason), nil): violate("1: \(key.event) skips \(track.id) as \(reason)")
            }
        }
    }

    /// Somebody sends a delivery again: it must be over.
    func redelivered(_ delivery: Delivery) {
        guard deliveries[delivery.id] == nil else { return }
        guard let old = delivery.redeliveryOf.flatMap({ deliveries[$0] }) else {
            return violate("1: \(delivery.id) repeats a delivery that nobody knows")
        }
        expect(old.status.isFinal, "9: \(old.id) is \(old.status) and was sent again")
        if delivery.trigger == .recovery {
            let others = deliveries.values.filter {
                $0.event == old.event && $0.webhook == old.webhook && $0.id != old.id
            }
            expect(
                others.allSatisfy { $0.status.isFinal && $0.status != .succeeded },
                "recovery: \(old.id) has arrived, or is on its way, and was sent again")
            happened("deliveries recovered")
        }
        let track = DeliveryTrack(
            id: delivery.id, event: old.event, webhook: old.webhook, orderingKey: old.orderingKey, place: nextPlace(),
            madeAt: scheduler.now)
        track.isRecovered = delivery.trigger == .recovery
        deliveries[delivery.id] = track
        happened("deliveries sent again")
    }

    private func reasonToSkip(_ type: EventType, _ track: WebhookTrack) -> SkipReason? {
        if track.state == .disabled { return .disabled }
        guard track.events.contains(.all) || track.events.map(\.rawValue).contains(type.rawValue) else {
            return .notSubscribed
        }
        // No more can be open than there are.
        let limit = plan.limits.openDeliveriesPerWebhook
        return deliveries.count >= limit && open(of: track.id).count >= limit ? .backlogFull : nil
    }
}
