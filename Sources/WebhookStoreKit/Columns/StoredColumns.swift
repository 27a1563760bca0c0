public import WebhookDelivery
public import WebhookEvents
public import WebhookLimits
internal import WebhookPayload
public import WebhookRetries

// The column formats of composite values. No part of a value can contain its separator.

extension [EventPattern] {
    /// The patterns, separated by spaces.
    public var stored: String { map(\.rawValue).joined(separator: " ") }

    /// Decodes patterns from ``stored``.
    public init(stored: String) { self = stored.split(separator: " ").map { EventPattern(stored: String($0)) } }
}

extension RetryPolicy {
    /// The waits in microseconds, separated by spaces.
    public var storedSchedule: String {
        schedule.map { String($0.wholeMicroseconds) }.joined(separator: " ")
    }

    /// Decodes a policy from its columns; `nil` if the schedule is malformed.
    public init?(storedSchedule: String, jitter: Double, retryAfterCap: Duration) {
        let waits = storedSchedule.split(separator: " ").map { Int64($0) }
        guard !waits.contains(nil) else { return nil }
        self.init(
            clamping: waits.compactMap(\.self).map { .microseconds($0) }, jitter: jitter, retryAfterCap: retryAfterCap)
    }
}

extension CustomHeaders {
    /// The fields in UTF-8, one per line.
    public var stored: [UInt8] {
        Array(fields.lines.map { "\($0.name): \($0.value)" }.joined(separator: "\n").utf8)
    }

    /// Decodes header fields from ``stored``; `nil` if the bytes are malformed.
    public init?(stored: [UInt8]) {
        var fields: [(String, String)] = []
        for line in String(decoding: stored, as: UTF8.self).split(separator: "\n") {
            let halves = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = halves.first, !name.isEmpty, halves.count == 2 else { return nil }
            fields.append((String(name), String(halves[1])))
        }
        self.init(unchecked: HeaderFields(fields))
    }
}

extension Delivery.Phase {
    /// The phase as an SQL condition on the columns `status` and `reason`.
    public var storedCondition: String {
        switch self {
        case .pending: "status = 'pending' AND COALESCE(reason, '') NOT IN ('retry', 'daily_limit')"
        case .retrying: "status = 'pending' AND reason = 'retry'"
        case .rateLimited: "status = 'pending' AND reason = 'daily_limit'"
        case .delivering: "status = 'leased'"
        case .delivered: "status = 'succeeded'"
        case .failed, .cancelled, .rejected: "status = '\(rawValue)'"
        }
    }
}

extension Set<Delivery.Phase> {
    /// An SQL condition that matches any of the phases.
    public var storedCondition: String {
        "(" + map(\.storedCondition).sorted().joined(separator: " OR ") + ")"
    }
}

extension Webhook {
    /// Returns an SQL condition for webhooks that retired before a time: see ``Webhook/retiresAt``.
    ///
    /// - Parameter moment: The placeholder of the time.
    /// - Returns: The condition on the columns `state`, `state_reason`, `state_since` and `expires_at`; never `NULL`.
    public static func retiredCondition(before moment: String) -> String {
        """
        ((state = 'disabled' AND COALESCE(state_reason, '') = 'gone' AND state_since <= \(moment))
            OR (expires_at IS NOT NULL AND expires_at <= \(moment)))
        """
    }
}

extension Delivery.ErrorSelection {
    /// The selection as words: `=`, the error types, and the classes with a prefix.
    public var stored: String {
        let types = types.filter { !$0.contains(" ") && !$0.hasPrefix("class:") }
        return (["="] + types.sorted() + classes.map { "class:" + $0.rawValue }.sorted()).joined(separator: " ")
    }

    /// Decodes a selection from ``stored``; `nil` if the text is empty, because there is no selection.
    public init?(stored: String) {
        guard !stored.isEmpty else { return nil }
        self.init()
        for word in stored.split(separator: " ").dropFirst() {
            if word.hasPrefix("class:") {
                if let known = Delivery.ErrorClass(rawValue: String(word.dropFirst(6))) { classes.insert(known) }
            } else {
                types.insert(String(word))
            }
        }
    }
}
