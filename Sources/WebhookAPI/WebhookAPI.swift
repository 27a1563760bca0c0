public import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

/// The documented REST routes as a function of request and service, for any server framework.
///
/// ```swift
/// let api = WebhookAPI(service: service)
/// let response = await api.respond(
///     to: APIRequest(
///         method: "GET", path: "/v2/webhooks", query: "limit=10", headers: headers, principal: APIPrincipal(account: account)))
/// ```
/// The host authenticates, and says which account asks. An account sees its own webhooks only; another account's ids answer as
/// ids that nobody has ever heard of.
public struct WebhookAPI: Sendable {
    /// The most bytes of a request's body: a registration with the largest custom headers has a tenth of it.
    public static let maximumBodyLength = 262_144

    let service: WebhookService
    private let root: String
    private let documentation: String
    private let onError: (@Sendable (any Error, APIRequest) -> Void)?

    /// Creates the routes.
    ///
    /// - Parameters:
    ///   - service: What carries requests out.
    ///   - root: What stands before `/webhooks` in every path.
    ///   - documentation: What a problem's code is appended to, to make its `type`.
    ///   - onError: Is told of what is answered with 503, for the host's logs; whoever asked learns nothing of it. The
    ///     request's body may hold a secret.
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
    /// - Returns: The response, whatever happens: what fails is a problem document (RFC 9457).
    public func respond(to request: APIRequest) async -> APIResponse {
        var request = request
        // A HEAD is a GET whose body is left out.
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
        let account = principal.account
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

    /// What an error means for whoever asked.
    private func problem(_ error: any Error, _ request: APIRequest) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as LimitError: return .limit(error, at: service.clock.now)
        case let error as DeliveryError where error.code == .unreadable:
            onError?(error, request)
            return .unreadable
        default:
            onError?(error, request)
            return .unavailable
        }
    }

    /// The body as JSON.
    func document(_ request: APIRequest) throws(Problem) -> JSONValue {
        guard request.body.count <= Self.maximumBodyLength else { throw .bodyTooLarge(Self.maximumBodyLength) }
        guard request.headers.allowJSON else { throw .notJSON }
        do { return try JSONValue(parsing: request.body) } catch { throw .invalidJSON(error) }
    }
}

/// What a path names.
private enum Resource {
    case webhooks
    case webhook(WebhookID)
    case deliveries(WebhookID)
    case test(WebhookID)

    init?(path: String, root: String) {
        guard path.hasPrefix(root) else { return nil }
        var parts = path.dropFirst(root.count).split(separator: "/", omittingEmptySubsequences: false)[...]
        // Behind the root comes a slash: `/v2beta` is not `/v2`.
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
