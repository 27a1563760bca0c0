/// The data of one type of event.
///
/// The seven documented types conform. A host with a type of its own conforms it by answering with an ``UnknownEvent``
/// that carries its JSON.
public protocol EventPayload: Sendable, Hashable {
    /// The type of the event.
    static var eventType: EventType { get }

    /// What later events about the same thing share: the id of the task, or of the workflow.
    var orderingKey: String { get }

    /// The event among all that TaskFlow sends.
    var event: TaskFlowEvent { get }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    init?(_ event: TaskFlowEvent)
}

/// The data of any event, typed by what happened.
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
    /// An event of a type that was added after this code was built, kept whole.
    case unknown(UnknownEvent)

    /// What happened.
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

    /// What later events about the same thing share, where the type is known.
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

/// An event of a type this code does not know, with its data as it came.
public struct UnknownEvent: Sendable, Hashable {
    /// The type it came with.
    public let type: EventType

    /// The bytes of its `data`, JSON exactly as received.
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

/// What an envelope says about an event beside its data.
public struct EventMetadata: Sendable, Hashable, Codable {
    /// The account the event belongs to.
    public var accountID: AccountID
    /// Who caused it; `nil` for automations.
    public var triggeredBy: String?
    /// The version of the payload's schema.
    public var schemaVersion: String?
    /// What later events about the same thing share: at most ``maximumOrderingKeyLength`` bytes, and no NUL.
    public var orderingKey: String?
    /// Rises with every event of one ordering key; gaps are normal for a partial subscription.
    public var sequence: Int?
    /// Where the change was made, for example `web` or `api`.
    public var source: String?
    /// The request that caused it.
    public var requestID: String?
    /// The event that caused it.
    public var causationID: String?

    /// The most bytes of an ordering key: it stands in indexes and, as `ce-subject`, in a header field.
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
