internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

extension History {
    /// Checks a request that a host starts, and records it.
    func requestStarted(_ request: WebhookRequest, by host: SimulatedHost) -> RequestRecord {
        requests += 1
        let now = scheduler.now
        let id = DeliveryID(request.headers["X-TaskFlow-Delivery-ID"] ?? "") ?? "unnamed"
        guard let track = deliveries[id], let webhook = webhooks[track.webhook] else {
            violate("1: a request for the unknown delivery \(id)")
            return RequestRecord(
                delivery: id, event: "unknown", webhook: "unknown", host: host.number, token: Lease.FencingToken(0),
                isRetry: false, bytes: 0)
        }
        let isRetry = track.settled > 0 || track.isRecovered
        let record = RequestRecord(
            delivery: id, event: track.event.event, webhook: track.webhook, host: host.number, token: track.token,
            isRetry: isRetry, bytes: request.body.count)
        scheduler.record("host \(host.number) sends \(id)")
        scheduler.fold(UInt64(truncatingIfNeeded: track.place), UInt64(truncatingIfNeeded: host.number))
        track.requests += 1
        if !isRetry {
            waits[webhook.account, default: DeliveryStatistics.LatencyHistogram()].add(
                .microseconds(now - track.madeAt))
        }
        // A slow call may delay the report until the lease expires.
        if host.faults.waitsUntil[host.number].map({ $0 > now }) ?? false { track.exposures += 1 }
        // A worker must not send after it lost its lease.
        expect(
            track.claimedBy == host.number || areLeasesAffectedByClock,
            "15: host \(host.number) sends \(id), which host \(track.claimedBy) has claimed")
        checkLease(track)
        checkContents(request, track)
        let since = knowledge(of: track, host: host.number)
        // After a clock was set, two claims of a delivery may be in use, each with its own version of the webhook.
        expect(
            webhook.wasActive(since: since) || areLeasesAffectedByClock,
            "39: \(id) is sent to \(webhook.id), which is disabled")
        let urls = webhook.versions(since: since).map(\.url)
        expect(
            urls.contains(request.url.description) || areLeasesAffectedByClock, "40: \(id) is sent to \(request.url)")
        checkTrace(request, track, webhook, since: since)
        // The hosts' clocks determine when a secret is active, and may be wrong by several minutes.
        let age = Duration.microseconds(now - since) + .seconds(1)
        let slack = plan.faultRates[.clocks] == nil ? age : .seconds(1500)
        if let complaint = webhook.secrets.complaint(about: request, now: host.clock.now, slack: slack) {
            violate("\(complaint): \(id)")
        }
        if webhook.secrets.hasSeveral { happened("requests signed during or after a rotation") }
        load(record)
        return record
    }

    /// The trace that an event is published with: every second event has one.
    static func trace(of event: EventID) -> EventPublication.TraceContext? {
        guard let number = event.rawValue.split(separator: "_").last.flatMap({ Int($0) }), number % 2 == 0 else {
            return nil
        }
        let digits = String(repeating: "0", count: max(0, 15 - "\(number)".count)) + "1\(number)"
        return EventPublication.TraceContext(traceparent: "00-\(digits)\(digits)-\(digits)-01")
    }

    /// Checks guarantee 55: a request has the trace of its event if its webhook asks for it, and no other one.
    private func checkTrace(_ request: WebhookRequest, _ track: DeliveryTrack, _ webhook: WebhookTrack, since: Int64) {
        let sent = request.headers["traceparent"]
        let asks = webhook.versions(since: since).map(\.sendsTraceContext)
        let expected = asks.map { $0 ? Self.trace(of: track.event.event)?.traceparent : nil }
        expect(
            expected.contains(sent) || areLeasesAffectedByClock,
            "55: \(track.id) is sent with the trace \(sent ?? "none")")
        if sent != nil { happened("requests with a trace") }
    }

    /// Records that a host has reread a webhook because its claim is old.
    func webhookRead(_ id: WebhookID, by host: Int) {
        inFlight[host, default: HostLoad()].reads[id] = scheduler.now
        happened("webhooks reread before a request")
    }

    /// Returns the earliest time from which a host's version of a delivery's webhook may date.
    ///
    /// This is the time of the claim or, if the claim is too old, the time at which it became too old, because the host
    /// must then have reread the webhook.
    private func knowledge(of track: DeliveryTrack, host: Int) -> Int64 {
        let oldFrom = track.askedAt + plan.configuration.maximumUncheckedClaimAge.wholeMicroseconds
        guard scheduler.now > oldFrom else { return track.claimedAt }
        let read = inFlight[host]?.reads[track.webhook] ?? .min
        expect(read >= track.claimedAt || areLeasesAffectedByClock, "39: \(track.id) is sent with an outdated webhook")
        return max(track.claimedAt, oldFrom)
    }

    /// Checks guarantee 14: the trust in a lease starts at its request, and the lease outlasts the attempt.
    private func checkLease(_ track: DeliveryTrack) {
        let configuration = plan.configuration
        let trust = configuration.rules.leaseMargin - configuration.storeCallTimeout
        let age = scheduler.now - track.askedAt
        expect(
            age < trust.wholeMicroseconds,
            "14: \(track.id) is sent \(SimulationScheduler.seconds(age)) s after its claim")
    }

    /// Checks guarantees 8 and 42: the body is the published one, and the headers describe it.
    private func checkContents(_ request: WebhookRequest, _ track: DeliveryTrack) {
        expect(request.body == events[track.event]?.body, "8: \(track.id) is sent with a different body")
        expect(request.headers["webhook-id"] == track.event.event.rawValue, "42: \(track.id) has a wrong webhook-id")
        expect(
            request.headers["X-TaskFlow-Delivery-Attempt"] == String(track.settled + 1) || areLeasesAffectedByClock,
            "42: the attempt header of \(track.id) is wrong")
    }

    /// Checks guarantees 30 and 32: no host exceeds its in-flight limits, and retries leave slots for first attempts.
    private func load(_ record: RequestRecord) {
        var load = inFlight[record.host] ?? HostLoad()
        load.requests += 1
        load.bytes += record.bytes
        if record.isRetry { load.retries += 1 }
        load.unsettled.append(record)
        inFlight[record.host] = load
        let configuration = plan.configuration
        // The last body of a claim may be larger than the remaining budget.
        expect(
            load.bytes < configuration.maximumBytesInFlight + largestBody,
            "30: host \(record.host) has \(load.bytes) bytes in flight")
        expect(
            load.requests <= configuration.maximumInFlight,
            "30: host \(record.host) has \(load.requests) requests in flight")
        expect(
            load.retries <= configuration.maximumInFlight - configuration.firstAttemptSlots || areLeasesAffectedByClock,
            "32: host \(record.host) has \(load.retries) retries in flight")
    }

    /// Records that the sender knows the outcome of a request.
    func requestEnded(_ record: RequestRecord) {
        inFlight[record.host]?.requests -= 1
        inFlight[record.host]?.bytes -= record.bytes
        if record.isRetry { inFlight[record.host]?.retries -= 1 }
    }

    /// Records that the sender could not start a request because it lacked a resource; no report follows.
    func requestNotSent(_ record: RequestRecord) {
        inFlight[record.host]?.unsettled.removeAll { $0 === record }
        deliveries[record.delivery]?.requests -= 1
        happened("requests that the sender could not start")
    }

    /// Records that the endpoint received a request and responds.
    func requestArrived(_ record: RequestRecord, _ answer: SimulatedEndpoint.Answer, inTime: Bool) {
        record.answer = answer
        record.wasInTime = inTime
        if case .status(let status, _, _) = answer { happened("responses: \(status / 100)xx") }
    }
}
