#if PostgreSQL
internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookStoreKit

extension ClaimTransaction {
    /// Writes everything, and reads the bodies for the worker.
    func commit() throws -> ClaimReply {
        let claimed = round.claimed
        var writes = store.schema.write(round.changed) + store.schema.write(round.webhooks)
        writes += store.schema.write(turns, number: number, now: now)
        if !unreadable.isEmpty { writes += setAside }
        writes += round.postponed.map(postponed)
        // A claim need not survive this server, because its deliveries would be sent again. So it waits for no standby.
        // Arrivals since the count, or too many to count at once, make the worker claim again.
        let results = try session.commit(
            writes + [
                PostgresStatement(
                    """
                    SELECT n.place, e.body, e.trace_context FROM unnest($1::text[], $2::text[], $3::timestamptz[])
                        WITH ORDINALITY AS n (account, id, published_at, place)
                    JOIN \(schema).events AS e
                        ON e.account = n.account AND e.id = n.id AND e.published_at = n.published_at
                    """, .texts(claimed.map(\.delivery.accountID.rawValue)),
                    .texts(claimed.map(\.delivery.eventID.rawValue)),
                    .times(claimed.map { eventTimes[$0.delivery.id] })),
                PostgresStatement(
                    """
                    SELECT (SELECT due_at FROM \(schema).accounts WHERE due_at IS NOT NULL AND account <> ALL ($1)
                            ORDER BY due_at LIMIT 1),
                        EXISTS (SELECT FROM \(schema).arrivals),
                        (SELECT min(next_at) FROM \(schema).replays WHERE state = 'running' AND account <> ALL ($2))
                    """, .texts(looked.map(\.rawValue)), .texts(held.map(\.rawValue))),
            ], requiresStandby: false
        ).suffix(2)
        var bodies: [Int64: (body: [UInt8], trace: EventPublication.TraceContext?)] = [:]
        for var row in results[results.startIndex].rows {
            let place = try row.integer()
            bodies[place] = (
                try row.bytes(), try row.optionalText().flatMap { try? EventPublication.TraceContext(stored: $0) }
            )
        }
        var reply = ClaimReply(deliveries: [], nextDueIn: nil)
        for (index, claimed) in claimed.enumerated() {
            // The event was read under the same lock; an account that was erased since has no deliveries.
            guard let (body, trace) = bodies[Int64(index + 1)], let secrets = secrets[claimed.delivery.webhookID] else {
                continue
            }
            reply.deliveries.append(
                ClaimedDelivery(
                    lease: claimed.lease, delivery: claimed.delivery, webhook: claimed.webhook, pace: claimed.pace,
                    secrets: secrets, body: body, trace: trace))
        }
        var waiting: [Timestamp] = []
        if var row = results[results.startIndex + 1].first {
            if let due = try row.optionalTime() { waiting.append(due) }
            if try row.bool() { waiting.append(now) }
            if let replay = try row.optionalTime() {
                waiting.append(max(replay, now + store.replayPace.rest(at: store.uptime)))
            }
        }
        reply.nextDueIn = round.nextDue(waiting: waiting.min())
        (reply.rejected, reply.quotaExhausted) = (round.rejected, round.quotaExhausted)
        return reply
    }

    /// Postpones a batch of a webhook's deliveries whose quota is exhausted, in one statement, since they may be many.
    private func postponed(_ postponed: ClaimRound.Postponement) -> PostgresStatement {
        PostgresStatement(
            """
            UPDATE \(schema).queue SET due_at = $3, reason = '\(Delivery.State.Reason.dailyLimit.rawValue)'
            WHERE account = $1 AND id = ANY (ARRAY(
                SELECT id FROM \(schema).queue
                WHERE account = $1 AND webhook = $2 AND hold = '' AND NOT is_charged AND due_at <= $4
                    AND is_retry IN (false, true) LIMIT $5))
            """, .text(postponed.account.rawValue), .text(postponed.webhook.rawValue), .time(postponed.until),
            .time(now),
            .integer(ClaimRound.Postponement.limit(of: round.postponed.count)))
    }

    /// Sets aside deliveries that are unreadable, or whose event is, for a later version, so that they block no others.
    private var setAside: [PostgresStatement] {
        let keys = "unnest($1::text[], $2::text[]) AS n (account, id)"
        let parameters: [PostgresParameter] = [.texts(unreadable.map(\.account)), .texts(unreadable.map(\.id))]
        return [
            PostgresStatement(
                "UPDATE \(schema).queue AS q SET hold = 'unreadable' FROM \(keys) WHERE q.account = n.account AND q.id = n.id",
                parameters),
            PostgresStatement(
                """
                SELECT \(schema).unblock(q.account, q.webhook, q.ordering_key)
                FROM \(keys) JOIN \(schema).queue AS q ON q.account = n.account AND q.id = n.id
                WHERE q.ordering_key IS NOT NULL
                """, parameters),
        ]
    }
}
#endif
