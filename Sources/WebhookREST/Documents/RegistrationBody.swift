internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries
internal import WebhookSigning

/// The parsed body of a registration; parsing reports all faults together.
struct RegistrationBody {
    let registration: WebhookRegistration
    /// Whether the body has a secret; otherwise one is generated.
    let hasSecret: Bool

    /// Parses a body.
    ///
    /// - Parameters:
    ///   - document: The body.
    ///   - policy: The policy that validates the URL.
    ///   - limits: The limits that validate the timeout.
    /// - Throws: `Problem` with every fault.
    init(_ document: JSONValue, policy: EndpointPolicy, limits: ServiceLimits) throws(Problem) {
        var fields = BodyFields(document)
        let url = fields.url(policy)
        let events = fields.events()
        let secret = fields.secret()
        let isEnabled = fields.optional("enabled", expected: "true or false") { $0.bool }
        var registration = WebhookRegistration(
            url: url ?? "", events: events ?? [], secret: secret.map { .given($0) } ?? .generate(),
            isEnabled: isEnabled ?? true)
        registration.format =
            fields.optional("format", expected: "taskflow or cloudevents") {
                $0.string.flatMap(Webhook.Format.init(rawValue:))
            } ?? .taskFlow
        registration.ordering =
            fields.optional("ordering", expected: "none or resource") {
                $0.string.flatMap(Webhook.Ordering.init(rawValue:))
            } ?? .none
        registration.requestsPerSecond = fields.optional("rate_per_second", expected: "a whole number of 1 or more") {
            $0.integer.flatMap { $0 > 0 ? $0 : nil }
        }
        registration.timeout = fields.optional("timeout_seconds", expected: "a number from 1 to 30") { value in
            value.duration.flatMap { (try? limits.timeout(asked: $0)) == nil ? nil : $0 }
        }
        registration.headers = fields.headers() ?? .none
        registration.retryPolicy = fields.retryPolicy() ?? .standard
        let isComplete = url != nil && events != nil
        self.registration = try fields.finish(isComplete ? registration : nil)
        self.hasSecret = secret != nil
    }
}

extension BodyFields {
    fileprivate mutating func url(_ policy: EndpointPolicy) -> String? {
        guard let url = required("url", expected: "the URL of an endpoint", { $0.string }) else { return nil }
        do {
            _ = try EndpointURL(registering: url, policy: policy)
            return url
        } catch {
            fault("/url", error.code.rawValue, error.message, hint: error.hint)
            return nil
        }
    }

    fileprivate mutating func events() -> [EventPattern]? {
        let expected = "a list of event types"
        guard let names = required("events", expected: expected, { $0.array }) else { return nil }
        if names.isEmpty {
            fault(
                "/events", "no_events", "“events” is empty", hint: "List event types, or “*” for all.")
        }
        var patterns: [EventPattern] = []
        for (index, name) in names.enumerated() where errors.count < Self.maximumFaults {
            guard let pattern = name.string.flatMap({ EventPattern($0) }) else {
                let known = EventType.known.map(\.rawValue).joined(separator: ", ")
                fault(
                    "/events/\(index)", "unknown_event_type", "Unknown event type",
                    hint: "Use \(known), a family such as task.*, or *.")
                continue
            }
            if !patterns.contains(pattern) { patterns.append(pattern) }
        }
        return patterns
    }

    fileprivate mutating func secret() -> WebhookSecret? {
        guard let text = optional("secret", expected: "a string", { $0.string }) else { return nil }
        do {
            let secret = try WebhookSecret(text)
            // Rejects a secret that can only verify, and one that is short enough to be guessed.
            _ = try SecretRotation(secret)
            return secret
        } catch {
            fault("/secret", error.code.rawValue, error.message, hint: error.hint)
            return nil
        }
    }

    fileprivate mutating func headers() -> CustomHeaders? {
        let expected = "an object of strings"
        let pairs = optional("headers", expected: expected) { value -> [(String, String)]? in
            guard let members = value.object?.members else { return nil }
            let pairs = members.compactMap { member in member.value.string.map { (member.name, $0) } }
            return pairs.count == members.count ? pairs : nil
        }
        guard let pairs else { return nil }
        do {
            return try CustomHeaders(HeaderFields(pairs))
        } catch {
            fault("/headers", error.code.rawValue, error.message, hint: error.hint)
            return nil
        }
    }

    fileprivate mutating func retryPolicy() -> RetryPolicy? {
        guard let retry = value("retry") else { return nil }
        let expected = "{\"preset\": …} with standard, three_days or quick, or {\"schedule_seconds\": […]}"
        guard let members = retry.object?.members, members.count == 1, let only = members.first else {
            fault("/retry", "invalid_value", "“retry” has neither of its two forms", hint: "Send \(expected).")
            return nil
        }
        switch only.name {
        case "preset":
            if let policy = only.value.string.flatMap(RetryPolicy.preset) { return policy }
            fault("/retry/preset", "invalid_value", "Unknown preset", hint: "Send \(expected).")
        case "schedule_seconds":
            let waits = (only.value.array ?? [.null]).map { $0.integer.flatMap { Int32(exactly: $0) } }
            guard !waits.contains(nil) else {
                fault(
                    "/retry/schedule_seconds", "invalid_value", "A wait is not a whole number of seconds",
                    hint: "Send a list of whole numbers.")
                return nil
            }
            do {
                return try RetryPolicy(schedule: waits.compactMap(\.self).map { .seconds(Int64($0)) })
            } catch {
                fault("/retry/schedule_seconds", error.code.rawValue, error.message, hint: error.hint)
            }
        default:
            fault(
                "/retry/\(JSONPointer.escaped(only.name))", "unknown_field", "“\(only.name)” is not a known member",
                hint: "Send \(expected).")
        }
        return nil
    }
}

extension RetryPolicy {
    fileprivate static func preset(_ name: String) -> RetryPolicy? {
        switch name {
        case "standard": .standard
        case "three_days": .threeDays
        case "quick": .quick
        default: nil
        }
    }
}

extension JSONValue {
    /// The value as seconds, rounded to the millisecond; `nil` unless it is a number from 0 to 3600.
    fileprivate var duration: Duration? {
        guard case .number(let number) = self, let seconds = number.double, (0...3600).contains(seconds) else {
            return nil
        }
        return .milliseconds(Int64((seconds * 1000).rounded()))
    }
}
