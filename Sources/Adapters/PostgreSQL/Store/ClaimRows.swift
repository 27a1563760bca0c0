#if PostgreSQL
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

/// The numbers of leases by webhook and by account, and when the first one ends.
struct Leases {
    var ofWebhook: [WebhookID: (count: Int, firstEnd: Timestamp)] = [:]
    var ofAccount: [AccountID: (count: Int, firstEnd: Timestamp)] = [:]

    init(_ result: PostgresResult) throws {
        for var row in result.rows {
            let (account, webhook) = (AccountID(unchecked: try row.text()), WebhookID(unchecked: try row.text()))
            let (count, end) = (Int(clamping: try row.integer()), try row.time())
            ofWebhook[webhook] = (count, end)
            let sum = ofAccount[account] ?? (0, end)
            ofAccount[account] = (sum.count + count, min(sum.firstEnd, end))
        }
    }
}

/// The due deliveries, by webhook.
struct DueDeliveries {
    struct OfWebhook {
        var firsts: [WebhookCandidates.Candidate] = []
        var retries: [WebhookCandidates.Candidate] = []
        var firstsSeen = 0
        var retriesSeen = 0
        var hasMoreFirsts = false
        var hasMoreRetries = false
    }

    typealias Key = (account: String, id: String)

    var ofWebhook: [WebhookID: OfWebhook] = [:]
    var eventTimes: [DeliveryID: Timestamp] = [:]
    var unreadable: [Key] = []

    init(_ result: PostgresResult, roomForRetries: Int) throws {
        for var row in result.rows {
            let (webhook, isRetry) = (WebhookID(unchecked: try row.text()), try row.bool())
            let (share, eventAt, bytes) = (try row.integer(), try row.time(), try row.integer())
            let hasEvent = try row.bool()
            var own = ofWebhook[webhook] ?? OfWebhook()
            defer { ofWebhook[webhook] = own }
            if isRetry { own.retriesSeen += 1 } else { own.firstsSeen += 1 }
            own.hasMoreFirsts = own.firstsSeen >= share
            own.hasMoreRetries = own.retriesSeen >= max(1, min(Int(clamping: share), roomForRetries))
            var key = row
            guard hasEvent, let delivery = try? Delivery(reading: &row) else {
                let id = try key.text()
                unreadable.append((try key.text(), id))
                continue
            }
            let candidate = WebhookCandidates.Candidate(delivery: delivery, bytes: Int(clamping: bytes))
            if isRetry { own.retries.append(candidate) } else { own.firsts.append(candidate) }
            eventTimes[delivery.id] = eventAt
        }
    }
}
#endif
