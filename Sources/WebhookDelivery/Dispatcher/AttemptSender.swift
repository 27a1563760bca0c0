internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning

/// Makes one attempt, from the signature to the retry decision.
struct AttemptSender: Sendable {
    let transport: any WebhookTransport
    let clock: any WebhookClock
    let random: any RandomSource
    let signingKeys: [WebhookSecret]
    let recording: Attempt.Recording

    /// The result of an attempt.
    enum Result {
        /// The attempt ended; the settlement must be reported.
        case ended(Settlement)
        /// The sender lacked resources; the delivery must be released.
        case givenBack(TransportFailure)
    }

    /// Makes an attempt; if the sender lacked resources, the attempt does not count.
    func send(_ claimed: ClaimedDelivery) async -> Result {
        let (settlement, failure) = await attempt(claimed)
        guard let failure, failure.isSenderFault,
            claimed.delivery.state.senderFaults < Delivery.State.maximumSenderFaults
        else { return .ended(settlement) }
        return .givenBack(failure)
    }

    /// Makes an attempt that counts regardless of its outcome.
    func attempt(_ claimed: ClaimedDelivery) async -> (settlement: Settlement, failure: TransportFailure?) {
        let startedAt = clock.now
        let begin = clock.uptime
        let (outcome, exchange) = await outcome(of: claimed, startedAt: startedAt)
        var generator = RandomSourceGenerator(random)
        let detail = recording.detail(of: outcome, isTest: claimed.delivery.trigger == .test)
        let attempt = Attempt(
            number: claimed.attemptNumber, startedAt: startedAt, duration: clock.uptime - begin,
            statusCode: outcome.statusCode, errorType: outcome.errorType, timings: exchange.timings,
            exchange: exchange.record(detail, hiding: claimed.webhook.headers))
        let steering = claimed.webhook.allowsSteering ? exchange.response.flatMap(Steering.init(response:)) : nil
        let decision = claimed.retryPolicy.decision(after: outcome, attempt: claimed.attemptNumber, using: &generator)
        let settlement = Settlement(
            lease: claimed.lease, attempt: attempt, outcome: outcome.kind,
            decision: steering?.decision(instead: decision) ?? decision, retryAfter: outcome.retryAfter,
            stopsWebhook: steering == .disable)
        if case .failure(let failure) = outcome { return (settlement, failure) }
        return (settlement, nil)
    }

    private func outcome(
        of claimed: ClaimedDelivery, startedAt: Timestamp
    ) async -> (AttemptOutcome, AttemptExchange) {
        var exchange = AttemptExchange()
        do {
            let request = try claimed.signedRequest(
                policy: transport.policy, signingKeys: signingKeys, now: startedAt)
            exchange.request = request
            let response = try await transport.send(request)
            (exchange.response, exchange.address, exchange.timings) = (response, response.address, response.timings)
            let wait = RetryPolicy.RetryAfter.wait(response.headers.values("Retry-After"), now: clock.now)
            return (.response(status: response.status, retryAfter: wait), exchange)
        } catch let error as TransportError {
            (exchange.address, exchange.timings) = (error.address, error.timings)
            return (.failure(error.failure), exchange)
        } catch is EndpointError {
            return (.failure(.blockedAddress), exchange)
        } catch {
            return (.failure(error is CancellationError ? .cancelled : .unknown), exchange)
        }
    }
}

extension AttemptOutcome {
    /// The wait that the endpoint asked for, if the response is a 429 or 503.
    fileprivate var retryAfter: Duration? {
        if case .response(_, let wait) = self, kind == .throttled { wait } else { nil }
    }
}

extension ClaimedDelivery {
    /// The webhook's retry policy; a test is not retried.
    fileprivate var retryPolicy: RetryPolicy {
        delivery.trigger == .test ? RetryPolicy(clamping: []) : webhook.retryPolicy
    }
}
