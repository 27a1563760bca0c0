internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload
internal import WebhookRetries

extension WebhookAPI {
    /// `GET /webhooks/{id}/deliveries`: recent deliveries with their attempts, newest first.
    func listDeliveries(_ id: WebhookID, _ request: APIRequest, _ account: AccountID) async throws -> APIResponse {
        let parameters = try QueryParameters(
            request.query,
            known: Page.parameters.union(["status", "event_id", "event_type", "since", "until"]))
        let page = try Page(parameters, of: "del")
        var query = Delivery.Query(accountID: account, webhookID: id, limit: page.limit + 1)
        let names = Delivery.Phase.allCases.map(\.rawValue).joined(separator: ", ")
        let phase = try parameters.value("status", expected: "one of \(names)") { Delivery.Phase(rawValue: $0) }
        query.phases = phase.map { [$0] } ?? []
        query.eventID = try parameters.value("event_id", expected: "an event identifier") { EventID($0) }
        query.type = try parameters.value("event_type", expected: "an event type") { EventType($0) }
        query.since = try parameters.value("since", expected: "an RFC 3339 timestamp") { Timestamp($0) }
        query.until = try parameters.value("until", expected: "an RFC 3339 timestamp") { Timestamp($0) }
        query.before = try page.cursor.map { text throws(Problem) in
            guard let last = DeliveryID(text) else {
                throw .invalidParameter("cursor", "must be the next_cursor of the previous page.")
            }
            return last
        }
        let webhook = try await webhook(id, of: account)
        let histories = try await service.deliveries(query)
        return page.response(histories, to: request, of: "del", cursor: \.delivery.id.rawValue) {
            $0.document(of: webhook)
        }
    }

    /// `POST /webhooks/{id}/test`: sends a sample event and returns its outcome.
    func testWebhook(_ id: WebhookID, _ request: APIRequest, _ account: AccountID) async throws -> APIResponse {
        _ = try QueryParameters(request.query, known: [])
        let type = try testType(document(request))
        guard let report = try await service.test(id, account: account, with: type) else { throw Problem.notFound }
        return APIResponse(200, report.document(type: type))
    }

    private func testType(_ document: JSONValue) throws(Problem) -> EventType {
        var fields = BodyFields(document)
        let known = EventType.known.map(\.rawValue).joined(separator: ", ")
        let type = fields.required("event_type", expected: "one of \(known)") { value in
            value.string.flatMap { EventType($0) }.flatMap { $0.isKnown ? $0 : nil }
        }
        return try fields.finish(type)
    }
}
