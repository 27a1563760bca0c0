package import WebhookDelivery
internal import WebhookEvents
package import WebhookLimits
internal import WebhookPayload
package import WebhookRetries

// How stores with columns write what has several parts. Neither part of these forms can contain its separator.

extension [EventPattern] {
    /// The patterns with spaces between them.
    package var stored: String { map(\.rawValue).joined(separator: " ") }

    /// Reads what ``stored`` wrote.
    package init(stored: String) { self = stored.split(separator: " ").map { EventPattern(stored: String($0)) } }
}

extension RetryPolicy {
    /// The waits in microseconds, with spaces between them.
    package var storedSchedule: String {
        schedule.map { String($0.wholeMicroseconds) }.joined(separator: " ")
    }

    /// Puts a policy together from its columns; `nil` when the schedule is something else.
    package init?(storedSchedule: String, jitter: Double, retryAfterCap: Duration) {
        let waits = storedSchedule.split(separator: " ").map { Int64($0) }
        guard !waits.contains(nil) else { return nil }
        self.init(
            clamping: waits.compactMap(\.self).map { .microseconds($0) }, jitter: jitter, retryAfterCap: retryAfterCap)
    }
}

extension WebhookHealth {
    /// The health as a column has it: nothing while there is nothing to remember.
    package var stored: [UInt8] { self == WebhookHealth() ? [] : encoded() }

    /// Reads what ``stored`` wrote.
    package init(stored: [UInt8]) {
        if stored.isEmpty { self.init() } else { self.init(encoded: stored) }
    }
}

extension CustomHeaders {
    /// A line each, UTF-8.
    package var stored: [UInt8] {
        Array(fields.fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n").utf8)
    }

    /// Reads what ``stored`` wrote; `nil` when it is something else.
    package init?(stored: [UInt8]) {
        var fields: [(String, String)] = []
        for line in String(decoding: stored, as: UTF8.self).split(separator: "\n") {
            let halves = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = halves.first, !name.isEmpty, halves.count == 2 else { return nil }
            fields.append((String(name), String(halves[1])))
        }
        self.init(unchecked: HeaderFields(fields))
    }
}

extension DeliveryPhase {
    /// The phase as a condition on the columns `status` and `reason`.
    package var storedCondition: String {
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

extension Set<DeliveryPhase> {
    /// Any of the phases as a condition.
    package var storedCondition: String {
        "(" + map(\.storedCondition).sorted().joined(separator: " OR ") + ")"
    }
}
