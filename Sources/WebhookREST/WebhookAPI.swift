public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

/// The documented REST routes, independent of the server framework.
///
/// ```swift
/// let api = WebhookAPI(service: service)
/// let response = await api.respond(
///     to: APIRequest(
///         method: "GET", path: "/v2/webhooks", query: "limit=10", headers: headers,
///         principal: APIPrincipal(accountID: account)))
/// ```
/// The host authenticates the request and supplies its account. An account sees only its own webhooks; identifiers of
/// other accounts are answered with 404, as unknown ones are.
public struct WebhookAPI: Sendable {
    /// The maximum length of a request's body in bytes; a registration with the largest custom headers needs a tenth.
    public static let maximumBodyLength = 262_144

    let service: WebhookService
    private let root: String
    private let documentation: String
    private let onError: (@Sendable (any Error, APIRequest) -> Void)?

    /// Creates the routes.
    ///
    /// - Parameters:
    ///   - service: The service that carries out the requests.
    ///   - root: The prefix of `/webhooks` in every path.
    ///   - documentation: The URL prefix of a problem's `type`, to which the problem's code is appended.
    ///   - onError: Receives the errors that are answered with 503, for the host's logs; the responses do not reveal
    ///     them. The request's body may contain a secret.
    public init(
        service: WebhookService, root: String = "/v2",
        documentation: String = "https://docs.taskflow.example/errors/",
        onError: (@Sendable (any Error, APIRequest) -> Void)? = nil
    ) {
        self.service = service
        self.root = root
        self.documentation = documentation
        self.onError = onError
    }

    /// Answers a request.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response; a failure is returned as a problem document (RFC 9457).
    public func respond(to request: APIRequest) async -> APIResponse {
        var request = request
        // HEAD is GET without the response's body.
        let isHead = request.method == "HEAD"
        if isHead { request.method = "GET" }
        var response: APIResponse
        do {
            response = try await answer(request)
        } catch {
            response = problem(error, request).response(
                documentation: documentation, path: request.path, requestID: request.headers["X-Request-ID"])
        }
        if isHead { response.body = [] }
        return response
    }

    private func answer(_ request: APIRequest) async throws -> APIResponse {
        guard let resource = Resource(path: request.path, root: root) else { throw Problem.notFound }
        guard let principal = request.principal else { throw Problem.unauthorized }
        let account = principal.accountID
        switch (resource, request.method) {
        case (.webhooks, "GET"): return try await listWebhooks(request, account)
        case (.webhooks, "POST"): return try await createWebhook(request, account)
        case (.webhook(let id), "GET"): return try await showWebhook(id, request, account)
        case (.webhook(let id), "DELETE"): return try await deleteWebhook(id, request, account)
        case (.deliveries(let id), "GET"): return try await listDeliveries(id, request, account)
        case (.test(let id), "POST"): return try await testWebhook(id, request, account)
        default: throw Problem.methodNotAllowed(resource.methods)
        }
    }

    /// Returns the problem that an error is answered with.
    private func problem(_ error: any Error, _ request: APIRequest) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as LimitError: return .limit(error, now: service.clock.now)
        case let error as DeliveryError where error.code == .unreadable:
            onError?(error, request)
            return .unreadable
        default:
            onError?(error, request)
            return .unavailable
        }
    }

    /// Parses the body as JSON.
    func document(_ request: APIRequest) throws(Problem) -> JSONValue {
        guard request.body.count <= Self.maximumBodyLength else { throw .bodyTooLarge(Self.maximumBodyLength) }
        guard request.headers.allowsJSON else { throw .notJSON }
        do { return try JSONValue(parsing: request.body) } catch { throw .invalidJSON(error) }
    }
}

/// The resource that a path names.
private enum Resource {
    case webhooks
    case webhook(WebhookID)
    case deliveries(WebhookID)
    case test(WebhookID)

    init?(path: String, root: String) {
        guard path.hasPrefix(root) else { return nil }
        var parts = path.dropFirst(root.count).split(separator: "/", omittingEmptySubsequences: false)[...]
        // A slash must follow the root: `/v2beta` is not `/v2`.
        guard parts.popFirst() == "", parts.first == "webhooks" else { return nil }
        let names = parts.dropFirst().map { PercentEncoding.decode($0) }
        guard let first = names.first else {
            self = .webhooks
            return
        }
        guard let id = first.flatMap({ WebhookID($0) }) else { return nil }
        switch names.dropFirst() {
        case []: self = .webhook(id)
        case ["deliveries"]: self = .deliveries(id)
        case ["test"]: self = .test(id)
        default: return nil
        }
    }

    var methods: [String] {
        switch self {
        case .webhooks: ["GET", "HEAD", "POST"]
        case .webhook: ["GET", "HEAD", "DELETE"]
        case .deliveries: ["GET", "HEAD"]
        case .test: ["POST"]
        }
    }
}
