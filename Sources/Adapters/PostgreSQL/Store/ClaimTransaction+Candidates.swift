#if PostgreSQL
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookSigning
internal import WebhookStoreKit

extension ClaimTransaction {
    /// Reads the due deliveries of accounts, with the settings and leases that decide whether they may be claimed.
    mutating func candidates(of accounts: [AccountID]) throws -> [AccountCandidates] {
        let names = PostgresParameter.texts(accounts.map(\.rawValue))
        let own = "q.account = w.account AND q.webhook = w.webhook AND q.hold = ''"
        // `(SELECT true … LIMIT 1)` instead of EXISTS: planned on empty tables, EXISTS becomes a join that reads the
        // whole queue, and a plan lives as long as its connection. For the same reason webhooks and their progress are
        // both filtered by account: otherwise one of them is read whole.
        func hasDue(_ kind: String) -> String {
            "(SELECT true FROM \(schema).queue AS q WHERE \(own) AND \(kind) AND due_at <= $2 LIMIT 1)"
        }
        let results = try session.run([
            PostgresStatement("SELECT \(schema).settle_arrivals($1, $2)", names, .time(now)),
            PostgresStatement(
                """
                SELECT account, webhook, count(*), min(due_at) FROM \(schema).queue
                WHERE account = ANY ($1) AND status = 'leased' AND due_at > $2 GROUP BY account, webhook
                """, names, .time(now)),
            PostgresStatement(
                """
                SELECT w.account, \(Webhook.postgresColumns), w.secrets, w.headers,
                    (SELECT min(due_at) FROM \(schema).queue AS q
                        WHERE q.account = w.account AND q.webhook = w.id AND q.hold = '' AND NOT is_retry AND due_at > $2),
                    (SELECT min(due_at) FROM \(schema).queue AS q
                        WHERE q.account = w.account AND q.webhook = w.id AND q.hold = '' AND is_retry AND due_at > $2)
                FROM \(schema).webhooks AS w
                JOIN \(schema).webhook_progress AS p ON p.account = w.account AND p.webhook = w.id
                WHERE w.account = ANY ($1) AND p.account = ANY ($1) AND p.state = 'active' AND (
                    SELECT true FROM \(schema).queue AS q
                    WHERE q.account = w.account AND q.webhook = w.id AND q.hold = '' LIMIT 1)
                ORDER BY p.last_triggered NULLS FIRST, w.id
                """, names, .time(now)),
            PostgresStatement(
                """
                WITH active AS MATERIALIZED (
                    SELECT account, webhook, quota_day >= $9 AND quota_used >= $10 AS is_quota_exhausted, CASE
                        WHEN slow_until IS NULL THEN $6
                        WHEN slow_until > $2 AND slow_until <= $8 THEN $7
                        ELSE $5 END AS room
                    FROM \(schema).webhook_progress AS w
                    WHERE account = ANY ($1) AND state = 'active' AND (\(hasDue("NOT is_retry")) OR \(hasDue("is_retry")))
                ), shares AS (
                    SELECT *, GREATEST(1, LEAST(room, 2 * $3 / count(*) OVER (PARTITION BY account))) AS share
                    FROM active
                )
                SELECT w.webhook, d.is_retry, CASE WHEN is_quota_exhausted AND NOT d.is_retry THEN 1 ELSE share END, d.event_at, d.bytes, e.id IS NOT NULL,
                    \(Delivery.columns.qualified("d"))
                FROM shares AS w CROSS JOIN LATERAL (
                    (SELECT * FROM \(schema).queue AS q WHERE \(own) AND NOT is_retry AND due_at <= $2
                        ORDER BY due_at, sequence LIMIT CASE WHEN is_quota_exhausted THEN 1 ELSE share END)
                    UNION ALL
                    (SELECT * FROM \(schema).queue AS q WHERE \(own) AND is_retry AND due_at <= $2
                        ORDER BY due_at, sequence LIMIT GREATEST(1, LEAST(share, $4)))) AS d
                LEFT JOIN \(schema).events AS e
                    ON e.account = d.account AND e.id = d.event AND e.published_at = d.event_at
                """, names, .time(now),
                .integer(max(1, 2 * round.room / max(1, accounts.count))), .integer(round.roomForRetries),
                .integer(round.limit(for: .quick)), .integer(round.limit(for: .untried)),
                .integer(round.limit(for: .slow)), .time(now + Webhook.EndpointPace.longestMemory),
                .integer(now.utcDay), .integer(round.dailyLimit)),
        ])
        let leases = try Leases(results[1])
        let due = try DueDeliveries(results[3], roomForRetries: round.roomForRetries)
        eventTimes.merge(due.eventTimes) { first, _ in first }
        unreadable += due.unreadable
        var webhooks: [AccountID: [WebhookCandidates]] = [:]
        var incomplete: Set<AccountID> = []
        for var row in results[2].rows {
            let account = AccountID(unchecked: try row.text())
            // An unreadable webhook, or one whose secrets cannot be unsealed, must not hold up the others.
            guard var webhook = try? Webhook(reading: &row), let secret = try? store.readSecret(of: webhook.id, &row)
            else {
                incomplete.insert(account)
                continue
            }
            webhook.headers = secret.headers
            secrets[webhook.id] = secret.secrets
            let next = [try row.optionalTime(), try row.optionalTime()].compactMap(\.self).min()
            let own = due.ofWebhook[webhook.id] ?? DueDeliveries.OfWebhook()
            webhooks[webhook.accountID, default: []].append(
                WebhookCandidates(
                    webhook: webhook, leased: leases.ofWebhook[webhook.id]?.count ?? 0,
                    nextLeaseEnd: leases.ofWebhook[webhook.id]?.firstEnd, firsts: own.firsts, retries: own.retries,
                    hasMoreFirsts: own.hasMoreFirsts, hasMoreRetries: own.hasMoreRetries, nextDue: next))
        }
        return accounts.map { account in
            AccountCandidates(
                account: account, leased: leases.ofAccount[account]?.count ?? 0,
                nextLeaseEnd: leases.ofAccount[account]?.firstEnd, hasUnreadable: incomplete.contains(account),
                webhooks: webhooks[account] ?? [])
        }
    }
}
#endif
