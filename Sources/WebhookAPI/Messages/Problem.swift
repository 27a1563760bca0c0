internal import WebhookEvents
public import WebhookPayload

/// Why a request is refused: problem details as RFC 9457 defines them, with every faulty field at once.
public struct Problem: Error, Sendable, Hashable {
    /// One faulty field.
    public struct FieldError: Error, Sendable, Hashable {
        /// Where it is, as a JSON pointer (RFC 6901).
        public let pointer: String
        /// What kind of fault it is, for programs.
        public let code: String
        /// What is wrong, for people.
        public let message: String
        /// What to do about it.
        public let hint: String

        /// Creates a fault.
        ///
        /// - Parameters:
        ///   - pointer: Where it is, as a JSON pointer.
        ///   - code: What kind of fault it is.
        ///   - message: What is wrong.
        ///   - hint: What to do about it.
        public init(_ pointer: String, _ code: String, _ message: String, hint: String) {
            self.pointer = pointer
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    /// The HTTP status.
    public let status: Int
    /// What kind of refusal it is, for programs; the last part of its `type`.
    public let code: String
    /// What kind of refusal it is, for people; the same for every refusal of this kind.
    public let title: String
    /// What is wrong this time, and what to do about it.
    public let detail: String
    /// The faulty fields, in the order of the request.
    public let errors: [FieldError]
    /// Further header fields of the response.
    public let headers: HeaderFields

    /// Creates a refusal.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - code: What kind of refusal it is, for programs.
    ///   - title: What kind of refusal it is, for people.
    ///   - detail: What is wrong this time.
    ///   - errors: The faulty fields.
    ///   - headers: Further header fields of the response.
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

    /// The response that says so.
    ///
    /// - Parameters:
    ///   - documentation: What the code is appended to, to make the problem's `type`.
    ///   - path: The path of the request.
    ///   - requestID: What the host's logs call the request.
    /// - Returns: The response.
    func response(documentation: String, path: String, requestID: String?) -> APIResponse {
        var document = JSONMembers()
        document["type"] = .string(documentation + code)
        document["title"] = .string(title)
        document["status"] = .number(JSONNumber(status))
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
