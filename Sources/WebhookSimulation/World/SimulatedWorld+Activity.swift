internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning

// The activity of users and machines during a run.
extension SimulatedWorld {
    func scheduleActivity() {
        for number in 0..<plan.events { at { self.publish(number) } }
        for _ in 0..<plan.changes { at { self.change() } }
        for site in [FaultSite.crash, .freeze, .stop, .cancel, .outage, .slowness, .shortage]
        where faults.rates[site] != nil {
            for _ in 0..<(64 / (faults.rates[site] ?? 64)).clamped(to: 1...6) { at { self.disturb(site) } }
        }
        guard faults.rates[.clocks] != nil else { return }
        at { self.stepClocks(by: self.scheduler.chance.draw(-20...20)) }
        // Step back over midnight shortly after a day has started.
        if plan.crossesMidnight {
            let midnight = plan.activity / 2
            scheduler.after(midnight + Int64(scheduler.chance.below(Int(midnight)))) { self.stepClocks(by: -60) }
        }
    }

    private func at(_ body: @escaping () -> Void) {
        scheduler.after(Int64(scheduler.chance.below(Int(plan.activity)))) { body() }
    }

    // MARK: - Events

    private func publish(_ number: Int) {
        let account = Self.account(scheduler.chance.below(plan.accounts))
        guard let type = EventType(scheduler.chance.oneIn(2) ? "thing.made" : "thing.changed") else { return }
        let key = scheduler.chance.oneIn(2) ? "thing_\(scheduler.chance.below(3))" : nil
        let padding = scheduler.chance.oneIn(10) ? 1500 : 10
        let data = Array(#"{"number":\#(number),"text":"\#(String(repeating: "x", count: padding))"}"#.utf8)
        let metadata = EventMetadata(accountID: account, orderingKey: key)
        do {
            let envelope = try Envelope(
                type: type, data: data, id: EventID(unchecked: "evt_\(number)"), timestamp: storeClock.now,
                metadata: metadata)
            publish(envelope)
        } catch {
            history.violate("an event could not be created: \(error)")
        }
    }

    /// Publishes an event repeatedly until the publisher knows that it is stored, as a backend must.
    ///
    /// The publisher's host may crash meanwhile.
    private func publish(_ envelope: Envelope) {
        let key = EventTrack.Key(account: envelope.metadata.accountID, event: envelope.id)
        guard history.events[key]?.isAcknowledged != true else { return }
        if !hosts.isEmpty {
            let (host, service, _) = scheduler.chance.pick(hosts)
            host.start { [history] in
                guard (try? await service.publish(envelope, trace: History.trace(of: envelope.id))) != nil else {
                    return
                }
                guard let event = history.events[key] else {
                    return history.violate("2: \(envelope.id) was acknowledged before it was durable")
                }
                event.isAcknowledged = true
            }
        }
        if scheduler.chance.oneIn(8) { publishOtherBytes(than: envelope) }
        scheduler.after(2_000_000 + Int64(scheduler.chance.below(20_000_000))) { self.publish(envelope) }
    }

    /// Publishes different bytes with the identifier of a stored event, which the store must reject.
    private func publishOtherBytes(than envelope: Envelope) {
        let key = EventTrack.Key(account: envelope.metadata.accountID, event: envelope.id)
        guard history.events[key] != nil, !hosts.isEmpty,
            let other = try? Envelope(
                type: envelope.type, data: [UInt8(ascii: "{"), UInt8(ascii: "}")], id: envelope.id,
                timestamp: envelope.timestamp, metadata: envelope.metadata)
        else { return }
        let (host, service, _) = scheduler.chance.pick(hosts)
        host.start { [history] in
            do {
                try await service.publish(other)
                history.violate("4: \(envelope.id) was accepted twice, with different bytes")
            } catch let error as DeliveryError {
                history.expect(error.code == .eventConflict, "4: \(envelope.id) is rejected as \(error.code)")
                history.happened("conflicting events rejected")
            } catch {}
        }
    }

    // MARK: - Users

    /// Changes the webhook of the latest claimed delivery within the next second.
    func changeSoon() {
        scheduler.after(Int64(scheduler.chance.below(1_000_000))) {
            guard self.faults.areOn else { return }
            // Disabled, enabled or moved: the worker that has claimed the delivery must notice.
            self.change(self.history.lastClaimed, self.scheduler.chance.pick([0, 2, 5]))
        }
    }

    private func change(_ webhook: WebhookID? = nil, _ kind: Int? = nil) {
        guard !hosts.isEmpty,
            let id = webhook ?? history.webhooks.keys.sorted().randomElement(using: &scheduler.chance),
            let account = history.webhooks[id]?.account
        else { return }
        let (host, service, _) = scheduler.chance.pick(hosts)
        let change = kind ?? scheduler.chance.below(16)
        let over = history.deliveries.values.filter { $0.status.isFinal && $0.event.account == account }.map(\.id).min()
        let number = scheduler.chance.below(1000)
        let name = history.nextPlace()
        let backlog = scheduler.chance.pick([
            Webhook.BacklogPolicy.immediately, .spread(perSecond: 2, .newestFirst), .spread(perSecond: 5, .oldestFirst),
            .discard,
        ])
        let policies = plan.retryPolicies
        host.start {
            do {
                switch change {
                case 0, 1: try await service.disable(id, account: account)
                case 2, 3: try await service.enable(id, account: account, backlog: backlog)
                case 4: _ = try await service.delete(id, account: account)
                case 5:
                    var update = Webhook.Update()
                    update.url = "https://moved-\(number).example.com/"
                    try await service.update(id, update, account: account)
                case 6:
                    var update = Webhook.Update()
                    update.retryPolicy = policies.first
                    update.timeout = .seconds(3)
                    try await service.update(id, update, account: account)
                case 7, 8:
                    let secret = try WebhookSecret("another secret for simulation \(name)")
                    let delay = Duration.seconds(number % 3 * 10)
                    _ = try await service.rotateSecret(of: id, account: account, to: .given(secret), after: delay)
                case 11...14:
                    var filter = Replay.Filter(
                        webhookID: id, since: Timestamp(microseconds: .min), until: Timestamp(microseconds: .max))
                    // Also include succeeded deliveries; each event is replayed once.
                    if number % 2 == 0 { filter.statuses.insert(.succeeded) }
                    _ = try await service.replay(filter, account: account, perSecond: number % 5 + 1)
                case 9, 10: if let over { _ = try await service.redeliver(over, account: account) }
                default: _ = try await service.revokePreviousSecrets(of: id, account: account)
                }
            } catch {}
        }
    }

    // MARK: - Faults

    private func disturb(_ site: FaultSite) {
        guard faults.areOn else { return }
        let length = Int64(scheduler.chance.pick([100, 3000, 20_000, 90_000])) * 1000
        switch site {
        case .outage: faults.downUntil = scheduler.now + length
        case .slowness: faults.slowUntil = scheduler.now + length
        case .shortage:
            guard !hosts.isEmpty else { return }
            let failure = scheduler.chance.pick(SimulatedTransport.ownFaults)
            let length = Int64(scheduler.chance.pick([3, 20, 120])) * 1_000_000
            // Usually the shared network or image is at fault, which affects all hosts.
            let all = scheduler.chance.oneIn(3) ? [scheduler.chance.pick(hosts)] : hosts
            for host in all { faults.lack(failure, on: host.host, for: length) }
        default:
            guard !hosts.isEmpty else { return }
            let (sender, service, task) = scheduler.chance.pick(hosts)
            if site == .stop { return service.stop() }
            // Consumers crash and freeze as well.
            let consumer = scheduler.chance.oneIn(3) ? consumers.randomElement(using: &scheduler.chance)?.host : nil
            let host = site == .cancel ? sender : consumer ?? sender
            faults.inject("\(site)", on: host)
            switch site {
            case .crash: host.crash()
            case .freeze: host.freeze(for: length)
            default: task.cancel()
            }
        }
    }

    /// Sets the store's clock forward or back, and a host's clock by up to ten minutes.
    private func stepClocks(by seconds: Int) {
        storeClock.offset += Int64(seconds) * 1_000_000
        history.clockSet()
        guard !hosts.isEmpty else { return }
        scheduler.chance.pick(hosts).host.clock.offset += Int64(scheduler.chance.draw(-600...600)) * 1_000_000
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
