internal import WebhookEvents
internal import WebhookPayload
internal import WebhookSigning

extension WebhookReceiver {
    /// Handles a verified event unless it was already handled.
    func accept(_ event: VerifiedEvent, headers: HeaderFields) async -> WebhookReply {
        let now = clock.now
        secretUsage.record(event.proof, now: now)
        if let refusal = refusal(ofAge: event, now: now) { return refusal }
        let key = DeduplicationKey(
            endpoint: endpoint, accountID: event.envelope.metadata.accountID, eventID: event.envelope.id)
        let claim: DeduplicationClaim
        do {
            switch try await claimed(key, now: now) {
            case .duplicate: return WebhookReply(200, .duplicate)
            case .inProgress: return .busy("The event is being handled.")
            case .claimed(let new): claim = new
            }
        } catch {
            return WebhookReply(503, .failed("The deduplication store is unavailable or full. Try again later."))
        }
        let context = WebhookContext(
            event, headers: headers, claim: claim, keepUntil: keepUntil(event.envelope.timestamp, now: now))
        guard let background else { return await handle(event.event, context) }
        let leaseEnd = now + limits.deduplication.lease
        let isAdded = background.add(bytes: event.envelope.bytes.count) {
            await handleLater(event, headers, context, leaseEnd: leaseEnd)
        }
        guard isAdded else {
            await release(claim)
            return WebhookReply(
                503, .failed("The background queue is full. Try again later."), headers: ["Retry-After": "5"])
        }
        return WebhookReply(200, .accepted)
    }

    private func claimed(_ key: DeduplicationKey, now: Timestamp) async throws -> DeduplicationResult {
        try await deduplication.claim(key, now: now, until: now + limits.deduplication.lease)
    }

    /// Handles an acknowledged event, waiting while its resource is busy because the sender does not retry it.
    ///
    /// An event whose lease ended while it waited is handled only if it can be claimed again.
    private func handleLater(
        _ event: VerifiedEvent, _ headers: HeaderFields, _ context: WebhookContext, leaseEnd: Timestamp
    ) async {
        var (context, leaseEnd) = (context, leaseEnd)
        while true {
            let now = clock.now
            if now >= leaseEnd {
                do {
                    guard case .claimed(let claim) = try await claimed(context.claim.key, now: now) else { return }
                    context = WebhookContext(event, headers: headers, claim: claim, keepUntil: context.keepUntil)
                    leaseEnd = now + limits.deduplication.lease
                } catch {
                    await errorHandler?(error, context)
                    return
                }
            }
            do {
                _ = try await run(event.event, context)
                return
            } catch is ResourceBusy {
                do { try await clock.sleep(for: Self.busyWait) } catch {
                    await failed(error, context)
                    return
                }
            } catch {
                await failed(error, context)
                return
            }
        }
    }

    /// The time that a background event waits before it tries a busy resource again.
    private static let busyWait = Duration.milliseconds(100)

    private func handle(_ event: TaskFlowEvent, _ context: WebhookContext) async -> WebhookReply {
        do {
            return WebhookReply(200, try await run(event, context) ? .outdated : .accepted)
        } catch is ResourceBusy {
            await release(context.claim)
            return .busy("Another event of the same resource is being handled.")
        } catch {
            await failed(error, context)
            return WebhookReply(500, .failed("The handler failed."))
        }
    }

    /// Runs the handlers and commits the claim; returns whether a handler was skipped because the event is outdated.
    private func run(_ event: TaskFlowEvent, _ context: WebhookContext) async throws -> Bool {
        let isOutdated = try await routes.run(event, context, now: clock.now, lease: limits.deduplication.lease)
        try await ignoringCancellation { [deduplication] in
            try await deduplication.commit(context.claim, keepUntil: context.keepUntil)
        }
        return isOutdated
    }

    private func failed(_ error: any Error, _ context: WebhookContext) async {
        await release(context.claim)
        await errorHandler?(error, context)
    }

    private func release(_ claim: DeduplicationClaim) async {
        try? await ignoringCancellation { [deduplication] in try await deduplication.release(claim) }
    }
}
