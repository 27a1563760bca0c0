internal import WebhookEvents

extension TaskFlowEvent {
    /// Reads the data of a type; a type without a Swift type is kept whole.
    init(type: EventType, json: JSONView) throws(PayloadError) {
        switch type {
        case .taskCreated: self = .taskCreated(try TaskCreated(json: json))
        case .taskUpdated: self = .taskUpdated(try TaskUpdated(json: json))
        case .taskDeleted: self = .taskDeleted(try TaskDeleted(json: json))
        case .taskCompleted: self = .taskCompleted(try TaskCompleted(json: json))
        case .taskAssigned: self = .taskAssigned(try TaskAssigned(json: json))
        case .commentCreated: self = .commentCreated(try CommentCreated(json: json))
        case .workflowTriggered: self = .workflowTriggered(try WorkflowTriggered(json: json))
        default: self = .unknown(UnknownEvent(type: type, data: json.raw))
        }
    }

    /// Refuses data that receivers could not read; only that of a type without a Swift type can be anything.
    func check() throws(PayloadError) {
        guard case .unknown(let event) = self else { return }
        let document = try JSONDocument(event.data, maximumDepth: Self.maximumDepth)
        guard document.root.isObject else { throw .invalid("data", expected: "an object") }
        // Bytes under a documented type must have its shape: receivers will read them as that type.
        do { _ = try TaskFlowEvent(type: event.type, json: document.root) } catch { throw error.inside("data") }
    }

    /// Writes the data as compact JSON.
    func write(to json: inout JSONWriter) {
        switch self {
        case .taskCreated(let payload): json.write(payload)
        case .taskUpdated(let payload): json.write(payload)
        case .taskDeleted(let payload): json.write(payload)
        case .taskCompleted(let payload): json.write(payload)
        case .taskAssigned(let payload): json.write(payload)
        case .commentCreated(let payload): json.write(payload)
        case .workflowTriggered(let payload): json.write(payload)
        case .unknown(let event): json.splice(event.data)
        }
    }

    /// One less than a document may nest, because the envelope is a level of its own.
    static let maximumDepth = 63
}
