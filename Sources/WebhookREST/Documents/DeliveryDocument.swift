internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload
internal import WebhookRetries

extension Delivery.History {
    /// Returns the delivery's JSON document, with every attempt.
    ///
    /// - Parameter webhook: The delivery's webhook, whose retry policy sets the maximum number of attempts.
    /// - Returns: The document.
    func document(of webhook: Webhook) -> JSONValue {
        let state = delivery.state
        var document = JSONValue.Members()
        document["id"] = .string(delivery.id.rawValue)
        document["event_id"] = .string(delivery.eventID.rawValue)
        document["event_type"] = .string(delivery.eventType.rawValue)
        document["status"] = .string(state.phase.rawValue)
        document["reason"] = state.reason.map { .string($0.rawValue) } ?? .null
        document["trigger"] = .string(delivery.trigger.rawValue)
        document["redelivery_of"] = delivery.redeliveryOf.map { .string($0.rawValue) } ?? .null
        document["attempt_count"] = .number(JSONValue.Number(state.attempts))
        let most = delivery.trigger == .test ? 1 : webhook.retryPolicy.maximumAttempts
        // If the schedule was shortened meanwhile, there may be more attempts than it allows.
        document["max_attempts"] = .number(JSONValue.Number(max(most, state.attempts)))
        document.append(outcomeOf: attempts.last)
        document["created_at"] = .string(delivery.createdAt.description)
        document["last_attempt_at"] = attempts.last.map { .string($0.startedAt.description) } ?? .null
        // While the webhook is stopped, no attempt is planned.
        let isPlanned = state.status == .pending && webhook.status == .active
        document["next_attempt_at"] = isPlanned ? .string(state.dueAt.description) : .null
        document["attempts"] = .array(attempts.map { $0.document() })
        return .object(document)
    }
}

extension WebhookService.TestReport {
    /// Returns the report's JSON document: the delivery with its one attempt, and whether it succeeded.
    func document(type: EventType) -> JSONValue {
        var document = JSONValue.Members()
        document["success"] = .bool(isSuccess)
        document["id"] = .string(deliveryID.rawValue)
        document["event_id"] = .string(eventID.rawValue)
        document["event_type"] = .string(type.rawValue)
        document["status"] = .string((isSuccess ? Delivery.Phase.delivered : .failed).rawValue)
        document["trigger"] = .string(Delivery.Trigger.test.rawValue)
        document.append(outcomeOf: attempt)
        document["attempts"] = [attempt.document()]
        return .object(document)
    }
}

extension Attempt {
    fileprivate func document() -> JSONValue {
        var document = JSONValue.Members()
        document["number"] = .number(JSONValue.Number(number))
        document["attempted_at"] = .string(startedAt.description)
        document.append(outcomeOf: self)
        return .object(document)
    }
}

extension JSONValue.Members {
    /// Appends the outcome of an attempt: its status code, response time and error.
    fileprivate mutating func append(outcomeOf attempt: Attempt?) {
        self["status_code"] = attempt?.statusCode.map { .number(JSONValue.Number($0)) } ?? .null
        self["response_time_ms"] = attempt.map { .number(JSONValue.Number($0.duration.wholeMilliseconds)) } ?? .null
        self["error_type"] = attempt?.errorType.map { .string($0) } ?? .null
    }
}
