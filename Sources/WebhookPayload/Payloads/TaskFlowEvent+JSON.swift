internal import WebhookEvents

extension TaskFlowEvent {
    /// Decodes the data of an event type; the data of an unknown type is kept unchanged.
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

    /// Validates the data of an unknown event, which is the only data that can have any shape.
    func check() throws(PayloadError) {
        guard case .unknown(let event) = self else { return }
        let document = try JSONDocument(event.data, maximumDepth: Self.maximumDepth)
        guard document.root.isObject else { throw .invalid("data", expected: "an object") }
        // The data of a documented type must have its shape, because receivers decode it as that type.
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

    /// The maximum nesting depth of data: one less than that of a document, because the envelope is a level as well.
    static let maximumDepth = 63
}
