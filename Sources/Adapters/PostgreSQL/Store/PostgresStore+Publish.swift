#if PostgreSQL
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookStoreKit

extension PostgresStore {
    /// Stores an event and its deliveries.
    ///
    /// Calls that arrive during a commit share the next one. An event that would have to wait for a transaction of its
    /// account leaves the batch, and waits alone.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        do { return try await publishes.run(publication) } catch is BatchConflict {
            let moment = moment
            let results = try await pool.run(for: publication.accountID) { [schema] session in
                try schema.publish([publication], now: moment, mayWait: true, session)
            }
            return try results[0].get()
        }
    }
}

/// The event cannot be stored in a batch: another transaction holds a lock that it needs.
struct BatchConflict: Error {}

extension PostgresSchema {
    /// How long a batch waits for a transaction that holds one of its events, and then each half of the batch.
    private static let (lockTimeout, patienceOfHalf) = (Duration.milliseconds(10), Duration.milliseconds(2))

    /// Stores events in one transaction; if one of them cannot be stored, in halves, until that one is alone.
    ///
    /// - Returns: One result per event; `BatchConflict` for an event that has to wait for another transaction.
    func publish(
        _ publications: [EventPublication], at now: @escaping @Sendable () -> Timestamp?, _ pool: PostgresPool,
        lockTimeout: Duration = Self.lockTimeout
    ) async throws -> [Result<PublishReceipt, any Error>] {
        do {
            return try await pool.run(tries: 1, lockTimeout: lockTimeout) {
                try publish(publications, now: now(), mayWait: false, $0)
            }
        } catch let error as PostgresError where error.isConflict && publications.count == 1 {
            return [.failure(BatchConflict())]
        } catch let error as PostgresError where error.code == .refused && publications.count > 1 {
            let half = publications.count / 2
            var results: [Result<PublishReceipt, any Error>] = []
            for part in [publications[..<half], publications[half...]] {
                do {
                    results += try await publish(Array(part), at: now, pool, lockTimeout: Self.patienceOfHalf)
                } catch { results += part.map { _ in .failure(error) } }
            }
            return results
        }
    }

    /// Stores events in one transaction.
    ///
    /// Near the bound of its account's backlog an event may have to wait for others: only with `mayWait`.
    fileprivate func publish(
        _ publications: [EventPublication], now: Timestamp?, mayWait: Bool, _ session: PostgresSession
    ) throws -> [Result<PublishReceipt, any Error>] {
        // Sorted: two transactions that publish the same events, because one repeats an abandoned call, must not
        // deadlock.
        let order = publications.indices.sorted { Self.key(publications[$0]) < Self.key(publications[$1]) }
        let replies = try session.alone(
            order.map { place in
                let publication = publications[place]
                let envelope = publication.envelope
                return PostgresStatement(
                    "SELECT outcome, receipt FROM \(name).keep_event($1, $2, $3, $4, $5, $6, $7, true, $8, $9)",
                    .text(publication.accountID.rawValue), .text(envelope.id.rawValue), .text(envelope.type.rawValue),
                    .bytes(envelope.bytes), .text(envelope.metadata.orderingKey),
                    .integer(publication.limits.openDeliveriesPerWebhook), .time(now), .bool(mayWait),
                    .text(publication.trace?.stored))
            })
        return zip(order, replies)
            .map { place, reply in (place, Result { try receipt(of: publications[place], reply) }) }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func key(_ publication: EventPublication) -> (String, String) {
        (publication.accountID.rawValue, publication.envelope.id.rawValue)
    }

    private func receipt(of publication: EventPublication, _ reply: PostgresResult) throws -> PublishReceipt {
        let event = publication.envelope.id
        guard var row = reply.first else { throw PostgresError.unreadable("events", event.rawValue) }
        let outcome = try row.text()
        if outcome == "conflict" { throw DeliveryError.eventConflict }
        if outcome == "busy" { throw BatchConflict() }
        guard let receipt = PublishReceipt(duplicateOf: event, storedEntries: try row.bytes()) else {
            throw PostgresError.unreadable("events", event.rawValue)
        }
        return outcome == "repeated"
            ? receipt : PublishReceipt(eventID: event, isDuplicate: false, entries: receipt.entries)
    }
}
#endif
