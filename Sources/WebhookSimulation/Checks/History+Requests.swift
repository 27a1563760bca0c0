internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

extension History {
    /// A request leaves a host.
    func requestStarted(_ request: WebhookRequest, by host: SimulatedHost) -> RequestRecord {
        requests += 1
        let now = scheduler.now
        let id = DeliveryID(request.headers["X-TaskFlow-Delivery-ID"] ?? "") ?? "unnamed"
        guard let track = deliveries[id], let webhook = webhooks[track.webhook] else {
            violate("1: a request of the unknown delivery \(id)")
            return RequestRecord(
                delivery: id, event: "unknown", webhook: "unknown", host: host.number, token: FencingToken(0),
                isRetry: false, bytes: 0)
        }
        let isRetry = track.settled > 0 || track.isRecovered
        let record = RequestRecord(
            delivery: id, event: track.event.event, webhook: track.webhook, host: host.number, token: track.token,
            isRetry: isRetry, bytes: request.body.count)
        scheduler.record("host \(host.number) sends \(id)")
        scheduler.fold(UInt64(truncatingIfNeeded: track.place), UInt64(truncatingIfNeeded: host.number))
        track.requests += 1
        if !isRetry { waits[webhook.account, default: LatencyHistogram()].add(.microseconds(now - track.madeAt)) }
        // Its report may have to wait behind a slow call until its lease is over.
        if host.faults.waitsUntil[host.number].map({ $0 > now }) ?? false { track.exposures += 1 }
        // A worker that lost its lease must not send; if it does, this is what is broken.
        expect(
            track.claimedBy == host.number || areLeasesWarped,
            "15: host \(host.number) sends \(id), which host \(track.claimedBy) has")
        checkLease(track)
        checkContents(request, track)
        let since = knowledge(of: track, host: host.number)
        // When a clock was set, two claims of a delivery may be under way, each with what it knew.
        expect(
            webhook.wasActive(since: since) || areLeasesWarped, "39: \(id) is sent to \(webhook.id), which is stopped")
        let urls = webhook.versions(since: since).map(\.url)
        expect(urls.contains(request.url.description) || areLeasesWarped, "40: \(id) is sent to \(request.url)")
        // Hosts' clocks decide when a secret is active, and are wrong by some minutes.
        let age = Duration.microseconds(now - since) + .seconds(1)
        let slack = plan.faultRates[.clocks] == nil ? age : .seconds(1500)
        if let complaint = webhook.secrets.complaint(about: request, at: host.clock.now, slack: slack) {
            violate("\(complaint): \(id)")
        }
        if webhook.secrets.hasSeveral { happened("requests signed during or after a rotation") }
        load(record)
        return record
    }

    /// A host has read a webhook, because a claim is old.
    func webhookRead(_ id: WebhookID, by host: Int) {
        inFlight[host, default: HostLoad()].reads[id] = scheduler.now
        happened("webhooks read again before a send")
    }

    /// From when a host's knowledge of a delivery's webhook is: from the claim, or, when that is old, from a reading that
    /// began after it was.
    private func knowledge(of track: DeliveryTrack, host: Int) -> Int64 {
        let oldFrom = track.askedAt + plan.configuration.freshness.wholeMicroseconds
        guard scheduler.now > oldFrom else { return track.claimedAt }
        let read = inFlight[host]?.reads[track.webhook] ?? .min
        expect(read >= track.claimedAt || areLeasesWarped, "39: \(track.id) is sent on old knowledge")
        return max(track.claimedAt, oldFrom)
    }

    /// 14: a lease is trusted from before it was asked for, and outlasts the attempt.
    private func checkLease(_ track: DeliveryTrack) {
        let configuration = plan.configuration
        let trust = configuration.rules.leaseMargin - configuration.storeTime
        let age = scheduler.now - track.askedAt
        expect(
            age < trust.wholeMicroseconds,
            "14: \(track.id) is sent \(SimulationScheduler.seconds(age)) s after its claim")
    }

    /// 8 and 42: the bytes are those that were published, and the headers say what they are.
    private func checkContents(_ request: WebhookRequest, _ track: DeliveryTrack) {
        expect(request.body == events[track.event]?.body, "8: \(track.id) is sent with another body")
        expect(request.headers["webhook-id"] == track.event.event.rawValue, "42: \(track.id) names another event")
        expect(
            request.headers["X-TaskFlow-Delivery-Attempt"] == String(track.settled + 1) || areLeasesWarped,
            "42: \(track.id) counts its attempts wrongly")
    }

    /// 30 and 32: no host has more in flight than it may, and retries leave room for first attempts.
    private func load(_ record: RequestRecord) {
        var load = inFlight[record.host] ?? HostLoad()
        load.requests += 1
        load.bytes += record.bytes
        if record.isRetry { load.retries += 1 }
        load.unsettled.append(record)
        inFlight[record.host] = load
        let configuration = plan.configuration
        // The last of a claim may be larger than what was left.
        expect(
            load.bytes < configuration.maximumBytesInFlight + largestBody,
            "30: host \(record.host) has \(load.bytes) bytes in flight")
        expect(
            load.requests <= configuration.maximumInFlight,
            "30: host \(record.host) has \(load.requests) requests in flight")
        expect(
            load.retries <= configuration.maximumInFlight - configuration.firstAttemptSlots || areLeasesWarped,
            "32: host \(record.host) has \(load.retries) retries in flight")
    }

    /// The sender knows how the request ended.
    func requestEnded(_ record: RequestRecord) {
        inFlight[record.host]?.requests -= 1
        inFlight[record.host]?.bytes -= record.bytes
        if record.isRetry { inFlight[record.host]?.retries -= 1 }
    }

    /// The sender could not begin the request, for want of its own resources: no report follows.
    func requestNotSent(_ record: RequestRecord) {
        inFlight[record.host]?.unsettled.removeAll { $0 === record }
        deliveries[record.delivery]?.requests -= 1
        happened("requests that the sender could not begin")
    }

    /// The endpoint has the request, and answers.
    func requestArrived(_ record: RequestRecord, _ answer: SimulatedEndpoint.Answer, inTime: Bool) {
        record.answer = answer
        record.wasInTime = inTime
        if case .status(let status, _) = answer { happened("answers: \(status / 100)xx") }
    }
}
