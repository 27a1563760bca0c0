/// The payload of one event type.
///
/// The payloads of the seven documented types conform. A host's custom payload conforms by returning an
/// ``UnknownEvent`` with its JSON from ``event``.
public protocol EventPayload: Sendable, Hashable {
    /// The type of the event.
    static var eventType: EventType { get }

    /// The ordering key: the identifier of the task or workflow that the event is about.
    var orderingKey: String { get }

    /// The payload as a ``TaskFlowEvent``.
    var event: TaskFlowEvent { get }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    init?(_ event: TaskFlowEvent)
}

/// The payload of any event, with one case per event type.
@nonexhaustive
public indirect enum TaskFlowEvent: Sendable, Hashable {
    /// A new task.
    case taskCreated(TaskCreated)
    /// A modified task.
    case taskUpdated(TaskUpdated)
    /// A deleted task.
    case taskDeleted(TaskDeleted)
    /// A completed task.
    case taskCompleted(TaskCompleted)
    /// An assigned task.
    case taskAssigned(TaskAssigned)
    /// A new comment.
    case commentCreated(CommentCreated)
    /// An executed workflow.
    case workflowTriggered(WorkflowTriggered)
    /// An event of a type that was added after this code was built, kept unchanged.
    case unknown(UnknownEvent)

    /// The type of the event.
    public var type: EventType {
        switch self {
        case .taskCreated: .taskCreated
        case .taskUpdated: .taskUpdated
        case .taskDeleted: .taskDeleted
        case .taskCompleted: .taskCompleted
        case .taskAssigned: .taskAssigned
        case .commentCreated: .commentCreated
        case .workflowTriggered: .workflowTriggered
        case .unknown(let event): event.type
        }
    }

    /// The ordering key, or `nil` for an event of an unknown type.
    public var orderingKey: String? {
        switch self {
        case .taskCreated(let payload): payload.orderingKey
        case .taskUpdated(let payload): payload.orderingKey
        case .taskDeleted(let payload): payload.orderingKey
        case .taskCompleted(let payload): payload.orderingKey
        case .taskAssigned(let payload): payload.orderingKey
        case .commentCreated(let payload): payload.orderingKey
        case .workflowTriggered(let payload): payload.orderingKey
        case .unknown: nil
        }
    }
}

/// An event of an unknown type, with its data unchanged.
public struct UnknownEvent: Sendable, Hashable {
    /// The type of the event.
    public let type: EventType

    /// The JSON bytes of its `data`, exactly as received.
    public let data: [UInt8]

    /// Creates an event of a type that has no Swift type.
    ///
    /// - Parameters:
    ///   - type: The type of the event.
    ///   - data: Its data as JSON.
    public init(type: EventType, data: [UInt8]) {
        self.type = type
        self.data = data
    }
}

/// The metadata of an event in its envelope.
public struct EventMetadata: Sendable, Hashable, Codable {
    /// The account the event belongs to.
    public var accountID: AccountID
    /// The identifier of the actor that caused the event; `nil` for automations.
    public var triggeredBy: String?
    /// The version of the payload's schema.
    public var schemaVersion: String?
    /// The ordering key: at most ``maximumOrderingKeyLength`` bytes, without NUL.
    public var orderingKey: String?
    /// A number that increases with every event of an ordering key; gaps are normal if a webhook receives only some
    /// types.
    public var sequence: Int?
    /// The origin of the change, for example `web` or `api`.
    public var source: String?
    /// The identifier of the request that caused the event.
    public var requestID: String?
    /// The identifier of the event that caused this one.
    public var causationID: String?

    /// The maximum length of an ordering key in bytes: it is indexed by stores, and sent in the `ce-subject` header
    /// field.
    public static let maximumOrderingKeyLength = 256

    /// Creates metadata.
    public init(
        accountID: AccountID, triggeredBy: String? = nil, schemaVersion: String? = "1", orderingKey: String? = nil,
        sequence: Int? = nil, source: String? = nil, requestID: String? = nil, causationID: String? = nil
    ) {
        self.accountID = accountID
        self.triggeredBy = triggeredBy
        self.schemaVersion = schemaVersion
        self.orderingKey = orderingKey
        self.sequence = sequence
        self.source = source
        self.requestID = requestID
        self.causationID = causationID
    }
}
