internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

extension Problem {
    static let unauthorized = Problem(
        401, "unauthorized", "Nobody is known to ask", detail: "Send the credentials of an account.",
        headers: ["WWW-Authenticate": "Bearer"])

    /// What is not there, and what belongs to others: nobody can tell the two apart.
    static let notFound = Problem(404, "not_found", "There is no such thing", detail: "Look at the path and its ids.")

    static func methodNotAllowed(_ allowed: [String]) -> Problem {
        Problem(
            405, "method_not_allowed", "The method is not possible here",
            detail: "Possible are \(allowed.joined(separator: ", ")).",
            headers: ["Allow": allowed.joined(separator: ", ")])
    }

    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(413, "request_too_large", "The body is too large", detail: "At most \(limit) bytes are read.")
    }

    static let notJSON = Problem(
        415, "unsupported_media_type", "The body is not declared as JSON",
        detail: "Send it with Content-Type: application/json.")

    static func invalidJSON(_ error: PayloadError) -> Problem {
        Problem(400, "invalid_json", "The body is not JSON", detail: "\(error.message). \(error.hint)")
    }

    static func invalidParameter(_ name: String, _ message: String) -> Problem {
        Problem(
            400, "invalid_parameter", "A query parameter is not possible", detail: "“\(name)”: \(message)")
    }

    static func validation(_ errors: [FieldError]) -> Problem {
        let only = errors.count == 1 ? errors.first : nil
        return Problem(
            422, "validation_failed", "The request cannot be carried out as it is",
            detail: only.map { "\($0.message). \($0.hint)" } ?? "\(errors.count) fields are faulty.", errors: errors)
    }

    /// A limit of the account or of the webhook is reached.
    ///
    /// - Parameters:
    ///   - error: The limit.
    ///   - now: The time now; a limit that begins anew says in how many seconds.
    /// - Returns: The refusal.
    static func limit(_ error: LimitError, at now: Timestamp) -> Problem {
        var headers: HeaderFields = [:]
        if let again = error.availableAgain {
            headers.append("Retry-After", String(max(1, (again - now).wholeMicroseconds / 1_000_000 + 1)))
        }
        return Problem(
            error.availableAgain == nil ? 409 : 429, error.code.rawValue, "A limit is reached",
            detail: "\(error.message). \(error.hint)", headers: headers)
    }

    /// The webhook's row cannot be read; it can be deleted all the same.
    static let unreadable = Problem(
        503, "unreadable_webhook", "The webhook cannot be read",
        detail: "Ask the operator of the service, or delete the webhook and register it again.")

    /// The store did not answer, or not as it should; whoever asked learns nothing of it.
    static let unavailable = Problem(
        503, "unavailable", "The service cannot answer now",
        detail: "Nobody knows whether the request was carried out. Look, or try again.", headers: ["Retry-After": "1"])
}
