internal import WebhookEvents
public import WebhookPayload

/// The reason for rejecting a request: problem details (RFC 9457) with every invalid field.
public struct Problem: Error, Sendable, Hashable {
    /// One invalid field.
    public struct FieldError: Error, Sendable, Hashable {
        /// The field's location, as a JSON pointer (RFC 6901).
        public let pointer: String
        /// The kind of error, for programs.
        public let code: String
        /// What is wrong, for people.
        public let message: String
        /// How to fix it.
        public let hint: String

        /// Creates a field error.
        ///
        /// - Parameters:
        ///   - pointer: The field's location, as a JSON pointer.
        ///   - code: The kind of error, for programs.
        ///   - message: What is wrong, for people.
        ///   - hint: How to fix it.
        public init(_ pointer: String, _ code: String, _ message: String, hint: String) {
            self.pointer = pointer
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    /// The HTTP status.
    public let status: Int
    /// The kind of problem, for programs; the last part of its `type`.
    public let code: String
    /// The kind of problem, for people; the same for every problem of this kind.
    public let title: String
    /// What is wrong with this request, and how to fix it.
    public let detail: String
    /// The invalid fields, in the order of the request.
    public let errors: [FieldError]
    /// Additional header fields of the response.
    public let headers: HeaderFields

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - code: The kind of problem, for programs.
    ///   - title: The kind of problem, for people.
    ///   - detail: What is wrong with this request, and how to fix it.
    ///   - errors: The invalid fields.
    ///   - headers: Additional header fields of the response.
    public init(
        _ status: Int, _ code: String, _ title: String, detail: String, errors: [FieldError] = [],
        headers: HeaderFields = [:]
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    /// Returns the response with the problem document.
    ///
    /// - Parameters:
    ///   - documentation: The URL prefix of the problem's `type`, to which the code is appended.
    ///   - path: The path of the request.
    ///   - requestID: The identifier of the request in the host's logs.
    /// - Returns: The response.
    func response(documentation: String, path: String, requestID: String?) -> APIResponse {
        var document = JSONValue.Members()
        document["type"] = .string(documentation + code)
        document["title"] = .string(title)
        document["status"] = .number(JSONValue.Number(status))
        document["code"] = .string(code)
        document["detail"] = .string(detail)
        document["instance"] = .string(path)
        if let requestID { document["request_id"] = .string(requestID) }
        if !errors.isEmpty {
            document["errors"] = .array(
                errors.map { error in
                    [
                        "pointer": .string(error.pointer), "code": .string(error.code),
                        "message": .string(error.message), "hint": .string(error.hint),
                    ]
                })
        }
        return APIResponse(status, .object(document), as: "application/problem+json", headers: headers)
    }
}
