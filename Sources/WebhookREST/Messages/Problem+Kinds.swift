internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

extension Problem {
    static let unauthorized = Problem(
        401, "unauthorized", "Authentication required", detail: "Send the credentials of an account.",
        headers: ["WWW-Authenticate": "Bearer"])

    /// The resource does not exist, or belongs to another account; the response does not reveal which.
    static let notFound = Problem(
        404, "not_found", "Not found", detail: "Check the path and the identifiers in it.")

    static func methodNotAllowed(_ allowed: [String]) -> Problem {
        Problem(
            405, "method_not_allowed", "Method not allowed",
            detail: "Allowed methods: \(allowed.joined(separator: ", ")).",
            headers: ["Allow": allowed.joined(separator: ", ")])
    }

    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(413, "request_too_large", "Body too large", detail: "Send at most \(limit) bytes.")
    }

    static let notJSON = Problem(
        415, "unsupported_media_type", "Unsupported media type",
        detail: "The body is not declared as JSON. Send it with Content-Type: application/json.")

    static func invalidJSON(_ error: PayloadError) -> Problem {
        Problem(400, "invalid_json", "Invalid JSON", detail: "\(error.message). \(error.hint)")
    }

    static func invalidParameter(_ name: String, _ message: String) -> Problem {
        Problem(
            400, "invalid_parameter", "Invalid query parameter", detail: "“\(name)” \(message)")
    }

    static func validation(_ errors: [FieldError]) -> Problem {
        let only = errors.count == 1 ? errors.first : nil
        return Problem(
            422, "validation_failed", "Validation failed",
            detail: only.map { "\($0.message). \($0.hint)" } ?? "\(errors.count) fields are invalid.", errors: errors)
    }

    /// Returns the problem for a reached limit of the account or the webhook.
    ///
    /// - Parameters:
    ///   - error: The limit.
    ///   - now: The current time, from which `Retry-After` is calculated if the limit resets.
    /// - Returns: The problem.
    static func limit(_ error: LimitError, now: Timestamp) -> Problem {
        var headers: HeaderFields = [:]
        if let again = error.retryAt {
            headers.append("Retry-After", String(max(1, (again - now).wholeMicroseconds / 1_000_000 + 1)))
        }
        return Problem(
            error.retryAt == nil ? 409 : 429, error.code.rawValue, "Limit reached",
            detail: "\(error.message). \(error.hint)", headers: headers)
    }

    /// The webhook's row cannot be read; the webhook can still be deleted.
    static let unreadable = Problem(
        503, "unreadable_webhook", "The webhook cannot be read",
        detail: "Ask the operator of the service, or delete the webhook and register it again.")

    /// The store did not answer, or failed; the response does not reveal the cause.
    static let unavailable = Problem(
        503, "unavailable", "Service unavailable",
        detail: "The outcome is unknown. Check the resource, or retry.", headers: ["Retry-After": "1"])
}
