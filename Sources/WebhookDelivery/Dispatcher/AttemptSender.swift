internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning

/// Makes one attempt: from the signature to the decision what follows.
struct AttemptSender: Sendable {
    let transport: any WebhookTransport
    let clock: any WebhookClock
    let random: any RandomSource
    let signingKeys: [WebhookSecret]

    /// What an attempt led to.
    enum Result {
        /// It ended, and this is to be recorded.
        case ended(Settlement)
        /// The sender lacked resources of its own: the delivery is to be given back.
        case givenBack(TransportFailure)
    }

    /// Makes an attempt, and records none that failed for want of the sender's own resources.
    func send(_ claimed: ClaimedDelivery) async -> Result {
        let (settlement, failure) = await attempt(claimed)
        guard let failure, failure.isSendersAlone,
            claimed.delivery.state.setbacks < DeliveryState.setbackAllowance
        else { return .ended(settlement) }
        return .givenBack(failure)
    }

    /// Makes an attempt that is recorded whatever its outcome.
    func attempt(_ claimed: ClaimedDelivery) async -> (settlement: Settlement, failure: TransportFailure?) {
        let startedAt = clock.now
        let begin = clock.uptime
        let (outcome, timings) = await outcome(of: claimed, startedAt: startedAt)
        var generator = RandomSourceGenerator(random)
        let attempt = Attempt(
            number: claimed.attemptNumber, startedAt: startedAt, duration: clock.uptime - begin,
            statusCode: outcome.statusCode, errorType: outcome.errorType, timings: timings)
        let settlement = Settlement(
            lease: claimed.lease, attempt: attempt, outcome: outcome.kind,
            decision: claimed.retryPolicy.decision(
                after: outcome, attempt: claimed.attemptNumber, using: &generator),
            retryAfter: outcome.retryAfter)
        if case .failure(let failure) = outcome { return (settlement, failure) }
        return (settlement, nil)
    }

    private func outcome(
        of claimed: ClaimedDelivery, startedAt: Timestamp
    ) async -> (AttemptOutcome, PhaseTimings?) {
        do {
            let request = try claimed.signedRequest(
                policy: transport.policy, signingKeys: signingKeys, now: startedAt)
            let response = try await transport.send(request)
            let wait = RetryAfter.wait(response.headers.values("Retry-After"), now: clock.now)
            return (.response(status: response.status, retryAfter: wait), response.timings)
        } catch let error as TransportError {
            return (.failure(error.failure), error.timings)
        } catch is EndpointError {
            return (.failure(.blockedAddress), nil)
        } catch {
            return (.failure(error is CancellationError ? .cancelled : .unknown), nil)
        }
    }
}

extension AttemptOutcome {
    /// How long the endpoint asks for, where that counts.
    fileprivate var retryAfter: Duration? {
        if case .response(_, let wait) = self, kind == .throttled { wait } else { nil }
    }
}

extension ClaimedDelivery {
    /// A test is made once.
    fileprivate var retryPolicy: RetryPolicy {
        delivery.trigger == .test ? RetryPolicy(clamping: []) : webhook.retryPolicy
    }
}
