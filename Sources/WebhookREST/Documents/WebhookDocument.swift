internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

extension Webhook {
    /// Returns the webhook's JSON document: the members of the product page in its order, then the rest.
    ///
    /// - Parameters:
    ///   - secret: The secret, if it was just generated; it is never shown again.
    ///   - now: The current time.
    /// - Returns: The document.
    func document(secret: String? = nil, now: Timestamp) -> JSONValue {
        var document = JSONValue.Members()
        document["id"] = .string(id.rawValue)
        document["url"] = .string(url)
        document["events"] = .array(events.map { .string($0.rawValue) })
        document["enabled"] = .bool(isEnabled)
        document["created_at"] = .string(createdAt.rfc3339)
        document["last_triggered"] = lastTriggered.map { .string($0.rfc3339) } ?? .null
        document["delivery_success_rate"] = .rate(deliverySuccessRate)
        if let secret { document["secret"] = .string(secret) }
        document["state"] = .string(condition.rawValue)
        document["back_off_until"] = health.backOffUntil.flatMap { $0 > now ? .string($0.rfc3339) : nil } ?? .null
        document["format"] = .string(format.rawValue)
        document["ordering"] = .string(ordering.rawValue)
        document["timeout_seconds"] = .seconds(timeout)
        document["rate_per_second"] = requestsPerSecond.map { .number(JSONValue.Number($0)) } ?? .null
        document["retry"] = [
            "schedule_seconds": .array(retryPolicy.schedule.map { .seconds($0) }),
            "max_attempts": .number(JSONValue.Number(retryPolicy.maximumAttempts)),
        ]
        // Values may be secret, so only the names are shown.
        document["header_names"] = .array(headers.fields.lines.map { .string($0.name) })
        document["stats"] = [
            "succeeded": .number(JSONValue.Number(succeededDeliveries)),
            "finished": .number(JSONValue.Number(finishedDeliveries)),
            // An unknown rate is null here; the documented member above is 0.0 then.
            "success_rate": finishedDeliveries == 0 ? .null : .rate(deliverySuccessRate),
        ]
        return .object(document)
    }
}

extension JSONValue {
    /// A ratio, always with a decimal point.
    static func rate(_ share: Double) -> JSONValue { JSONValue.Number(share).map { .number($0) } ?? .null }

    /// A duration in seconds, with a fraction only if needed.
    static func seconds(_ duration: Duration) -> JSONValue {
        let milliseconds = duration.wholeMilliseconds
        if milliseconds % 1000 == 0 { return .number(JSONValue.Number(milliseconds / 1000)) }
        return JSONValue.Number(Double(milliseconds) / 1000).map { .number($0) } ?? .null
    }
}
