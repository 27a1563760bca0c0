import DemoJournal
import Foundation
import TaskFlowWebhooks

/// Compares the host's records with the consumer's journal.
struct Report {
    private let story: Story
    private let deliveryCounts: DeliveryCounts
    private let histories: [Delivery.History]
    private let webhooks: [WebhookID: Webhook]
    private let duplicates: Int
    private let refusals: Int
    private let lost: Int
    private let unverified: Int
    private let handledTwice: Int

    init(_ story: Story, journal: String, service: WebhookService) async throws {
        self.story = story
        self.deliveryCounts = try await service.deliveryCounts()
        var histories: [Delivery.History] = []
        var webhooks: [WebhookID: Webhook] = [:]
        for account in story.accounts {
            for webhook in try await service.webhooks(of: account) { webhooks[webhook.id] = webhook }
            histories += try await service.deliveries(Delivery.Query(accountID: account, limit: .max))
        }
        self.histories = histories
        self.webhooks = webhooks

        let entries = try Journal.read(path: journal)
        self.duplicates = entries.count { $0.action == .duplicate }
        self.refusals = entries.count { $0.action == .refused }
        // The fingerprints of the bytes that each application handled, by event.
        var handled: [String: [String]] = [:]
        for entry in entries where entry.action == .handled {
            let print = entry.detail.split(separator: " ").first.map(String.init) ?? ""
            handled["\(entry.app) \(entry.event)", default: []].append(print)
        }
        let published = Dictionary(
            story.events.map { ($0.envelope.id, fingerprint($0.envelope.bytes)) },
            uniquingKeysWith: { first, _ in first })
        var (lost, unverified) = (deliveryCounts.isBalanced ? 0 : 1, 0)
        for history in histories {
            let app = webhooks[history.delivery.webhookID]?.url.split(separator: "/").last ?? ""
            let prints = handled["\(app) \(history.delivery.eventID)"] ?? []
            if history.delivery.state.status != .succeeded || prints.isEmpty { lost += 1 }
            if prints.contains(where: { $0 != published[history.delivery.eventID] }) { unverified += 1 }
        }
        // An event that occurs on several lines is published once.
        var seen: Set<EventID> = []
        let expected = story.events.reduce(into: 0) { sum, event in
            guard seen.insert(event.envelope.id).inserted else { return }
            let (type, account) = (event.envelope.type, event.envelope.metadata.accountID)
            sum += webhooks.values.count { $0.accountID == account && $0.events.contains { $0.matches(type) } }
        }
        self.lost = lost + max(0, expected - histories.count)
        self.unverified = unverified
        self.handledTwice = handled.values.count { $0.count > 1 }
    }

    var isLossless: Bool { lost == 0 && unverified == 0 && handledTwice == 0 }

    /// Prints the attempts of the delivery with the most retries.
    func printTimeline(speed: Int) {
        guard let history = histories.max(by: { $0.attempts.count < $1.attempts.count }), history.attempts.count > 1,
            let first = history.attempts.first
        else { return }
        let delivery = history.delivery
        let app = webhooks[delivery.webhookID]?.url.split(separator: "/").last ?? ""
        say("\nThe delivery with the most retries: \(delivery.id), \(delivery.eventType) to /\(app)")
        for attempt in history.attempts {
            let offset = (attempt.startedAt - first.startedAt).seconds
            let result = attempt.errorType.map { "failed: \($0)" } ?? "delivered: \(attempt.statusCode ?? 0)"
            say("  attempt \(attempt.number)  +\(offset) s  \(result)  (\(attempt.duration.seconds) s)")
        }
        say("  documented waits: 5 s, 30 s, 5 min, 1 h, 6 h; here \(speed) times shorter, plus up to 10 % jitter")
    }

    func printSummary(time: Duration, forgeriesRefused: Bool) {
        let attempts = histories.reduce(0) { $0 + $1.attempts.count }
        say(
            """

            Summary
              events              \(story.events.count)\
            \(story.badLines.isEmpty ? "" : "   (\(story.badLines.count) invalid lines skipped)")
              deliveries          \(histories.count)
              attempts            \(attempts)
              retries             \(histories.reduce(0) { $0 + max(0, $1.attempts.count - 1) })
              refused by consumer \(refusals)   (the wrong secret at first, two forgeries at the end)
              duplicates dropped  \(duplicates)
              handled twice       \(handledTwice)
              unverified          \(unverified)\(forgeriesRefused ? "" : "   (and a forged request was accepted)")
              lost                \(lost)
              time                \(time.seconds) s
            """)
    }
}

extension Duration {
    /// The duration in seconds, with two decimals.
    fileprivate var seconds: String {
        String(format: "%.2f", Double(components.seconds) + Double(components.attoseconds) / 1e18)
    }
}
