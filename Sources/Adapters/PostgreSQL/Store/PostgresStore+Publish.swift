#if PostgreSQL
public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

extension PostgresStore {
    /// Keeps an event and its deliveries.
    ///
    /// Calls that come while others are being committed are committed together.
    public func publish(_ publication: EventPublication) async throws -> PublishReceipt {
        try await publishes.run(publication)
    }
}

extension PostgresSchema {
    /// Keeps events in one transaction; when one of them cannot be kept, each in its own, for the others can.
    func publish(
        _ publications: [EventPublication], at now: @escaping @Sendable () -> Timestamp?, _ pool: PostgresPool
    ) async throws -> [Result<PublishReceipt, any Error>] {
        do {
            return try await pool.run { try publish(publications, at: now(), $0) }
        } catch let error as PostgresError where error.code == .refused && publications.count > 1 {
            var results: [Result<PublishReceipt, any Error>] = []
            for publication in publications {
                do { results += try await publish([publication], at: now, pool) } catch {
                    results.append(.failure(error))
                }
            }
            return results
        }
    }

    /// Keeps events in one transaction.
    private func publish(
        _ publications: [EventPublication], at now: Timestamp?, _ session: PostgresSession
    ) throws -> [Result<PublishReceipt, any Error>] {
        // In one order for all: two transactions that publish the same events, because one of them is a repeat of a call that
        // was given up, must not wait for each other.
        let order = publications.indices.sorted { Self.key(publications[$0]) < Self.key(publications[$1]) }
        let replies = try session.alone(
            order.map { place in
                let publication = publications[place]
                let envelope = publication.envelope
                return PostgresStatement(
                    "SELECT outcome, receipt FROM \(name).keep_event($1, $2, $3, $4, $5, $6, $7, true)",
                    .text(publication.account.rawValue), .text(envelope.id.rawValue), .text(envelope.type.rawValue),
                    .bytes(envelope.bytes), .text(envelope.metadata.orderingKey),
                    .integer(publication.limits.openDeliveriesPerWebhook), .time(now))
            })
        return zip(order, replies)
            .map { place, reply in (place, Result { try receipt(of: publications[place], reply) }) }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func key(_ publication: EventPublication) -> (String, String) {
        (publication.account.rawValue, publication.envelope.id.rawValue)
    }

    private func receipt(of publication: EventPublication, _ reply: PostgresResult) throws -> PublishReceipt {
        let event = publication.envelope.id
        guard var row = reply.first else { throw PostgresError.unreadable("events", event.rawValue) }
        let outcome = try row.text()
        if outcome == "conflict" { throw DeliveryError.eventConflict }
        guard let receipt = PublishReceipt(duplicateOf: event, encodedEntries: try row.bytes()) else {
            throw PostgresError.unreadable("events", event.rawValue)
        }
        return outcome == "repeated"
            ? receipt : PublishReceipt(event: event, isDuplicate: false, entries: receipt.entries)
    }
}
#endif
