internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload
internal import WebhookSigning

extension WebhookAPI {
    /// `GET /webhooks`: the account's webhooks, newest first.
    func listWebhooks(_ request: APIRequest, _ account: AccountID) async throws -> APIResponse {
        let query = try QueryParameters(request.query, known: Page.parameters.union(["enabled"]))
        let page = try Page(query, of: "wh")
        let isEnabled = try query.value("enabled", expected: "true or false") { Bool($0) }
        let after = try page.cursor.map { text throws(Problem) in
            guard let position = WebhookPosition(text) else {
                throw .invalidParameter("cursor", "must be the next_cursor of the previous page.")
            }
            return position
        }
        let webhooks = try await service.webhooks(of: account)
            .filter { isEnabled == nil || $0.isEnabled == isEnabled }
            .filter { webhook in after.map { WebhookPosition(webhook) < $0 } ?? true }
            .sorted { WebhookPosition($0) > WebhookPosition($1) }
        return page.response(
            webhooks, to: request, of: "wh", cursor: { WebhookPosition($0).description },
            { $0.document(now: service.clock.now) })
    }

    /// `POST /webhooks`: registers a webhook; only this response contains a generated secret.
    func createWebhook(_ request: APIRequest, _ account: AccountID) async throws -> APIResponse {
        _ = try QueryParameters(request.query, known: [])
        let body = try RegistrationBody(document(request), policy: service.policy, limits: service.limits)
        let registered = try await service.register(body.registration, account: account)
        let document = registered.webhook.document(
            secret: body.hasSecret ? nil : registered.secret.reveal(), now: service.clock.now)
        let location = "\(request.path)/\(registered.id)"
        return APIResponse(201, document, headers: ["Location": location])
    }

    /// `GET /webhooks/{id}`: one webhook.
    func showWebhook(_ id: WebhookID, _ request: APIRequest, _ account: AccountID) async throws -> APIResponse {
        _ = try QueryParameters(request.query, known: [])
        return APIResponse(200, try await webhook(id, of: account).document(now: service.clock.now))
    }

    /// `DELETE /webhooks/{id}`: deletes a webhook and cancels its open deliveries.
    func deleteWebhook(_ id: WebhookID, _ request: APIRequest, _ account: AccountID) async throws -> APIResponse {
        _ = try QueryParameters(request.query, known: [])
        guard try await service.delete(id, account: account) else { throw Problem.notFound }
        return APIResponse(204)
    }

    /// Returns a webhook of the account.
    func webhook(_ id: WebhookID, of account: AccountID) async throws -> Webhook {
        guard let webhook = try await service.webhook(id, account: account) else { throw Problem.notFound }
        return webhook
    }
}

/// A webhook's position in a list: by creation time, then by identifier.
private struct WebhookPosition: Comparable, CustomStringConvertible {
    let createdAt: Timestamp
    let id: WebhookID

    init(_ webhook: Webhook) { (createdAt, id) = (webhook.createdAt, webhook.id) }

    /// Parses the text of ``description``.
    init?(_ text: String) {
        let halves = text.split(separator: ".", maxSplits: 1)
        guard halves.count == 2, let moment = Int64(halves[0]), let id = WebhookID(String(halves[1])) else {
            return nil
        }
        (createdAt, self.id) = (Timestamp(microseconds: moment), id)
    }

    var description: String { "\(createdAt.microseconds).\(id)" }

    static func < (one: WebhookPosition, other: WebhookPosition) -> Bool {
        (one.createdAt, one.id) < (other.createdAt, other.id)
    }
}
