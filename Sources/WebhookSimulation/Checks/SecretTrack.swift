internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload
internal import WebhookSigning

/// The history of a webhook's secrets, which determines independently of the engine which secret may sign when.
struct SecretTrack {
    private struct Entry {
        let secret: WebhookSecret
        /// When the secret signs `X-TaskFlow-Signature`, in wall-clock time.
        var current: Range<Timestamp>
        /// Until when `webhook-signature` may include a signature of the secret.
        var listedUntil: Timestamp
    }

    private static let never = Timestamp(microseconds: .max)
    private var entries: [Entry]

    init(_ secret: WebhookSecret) {
        let always = Timestamp(microseconds: .min)..<Self.never
        entries = [Entry(secret: secret, current: always, listedUntil: Self.never)]
    }

    /// Applies a change of the secrets.
    mutating func apply(_ step: SecretRotation.Change, now: Timestamp) {
        switch step {
        case .rotate(let secret, let delay):
            let start = now + max(delay, .zero)
            entries.append(Entry(secret: secret, current: start..<Self.never, listedUntil: Self.never))
            replace(from: start)
        case .activate: replace(from: now)
        case .cancel:
            entries.removeLast()
            entries[entries.count - 1].current = entries[entries.count - 1].current.lowerBound..<Self.never
            entries[entries.count - 1].listedUntil = Self.never
        case .revokePrevious:
            for index in entries.indices where entries[index].current.upperBound <= now {
                entries[index].listedUntil = min(entries[index].listedUntil, now)
            }
        }
    }

    /// Replaces the second-to-last secret with the last one at the given time.
    private mutating func replace(from start: Timestamp) {
        guard entries.count > 1 else { return }
        let last = entries.count - 1
        entries[last].current = start..<Self.never
        entries[last - 1].current = min(entries[last - 1].current.lowerBound, start)..<start
        // Two days, as documented for rotations.
        entries[last - 1].listedUntil = start + .seconds(2 * 86_400)
    }

    /// Returns what is wrong with a request's signatures, or `nil`.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - now: The sender's wall clock.
    ///   - slack: The allowed age of the sender's version of the secrets, plus the difference between clocks.
    /// - Returns: The text of the violation.
    func complaint(about request: WebhookRequest, now: Timestamp, slack: Duration) -> String? {
        guard let documented = request.headers["X-TaskFlow-Signature"], documented.utf8.count == 71,
            documented.hasPrefix("sha256="),
            documented.utf8.dropFirst(7).allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return "42: X-TaskFlow-Signature is malformed" }
        let moment = now - slack..<now + slack
        func headers(_ secret: WebhookSecret) -> HeaderFields? {
            guard let timestamp = request.headers["webhook-timestamp"].flatMap({ Int64($0) }),
                let id = request.headers["webhook-id"].flatMap({ EventID($0) })
            else { return nil }
            return try? WebhookSigner(secret).headers(
                for: request.body.span, id: id, at: Timestamp(unixSeconds: timestamp))
        }
        let listed = (request.headers["webhook-signature"] ?? "").split(separator: " ")
        var hasCurrentTaskFlowSignature = false
        var names = 0
        for entry in entries {
            let own = headers(entry.secret)
            if own?["X-TaskFlow-Signature"] == documented, entry.current.lowerBound < moment.upperBound,
                entry.current.upperBound > moment.lowerBound
            {
                hasCurrentTaskFlowSignature = true
            }
            guard let signature = own?["webhook-signature"], listed.contains(Substring(signature)) else { continue }
            names += 1
            if entry.listedUntil < moment.lowerBound { return "41: an expired secret still signs" }
        }
        if !hasCurrentTaskFlowSignature { return "41: X-TaskFlow-Signature was not made with the current secret" }
        return names == 0 ? "41: webhook-signature was made with none of the webhook's secrets" : nil
    }

    /// All secrets that the webhook's owner has ever received, the latest one last.
    var all: [WebhookSecret] { entries.map(\.secret) }

    /// Whether the webhook has had several secrets.
    var hasSeveral: Bool { entries.count > 1 }
}
