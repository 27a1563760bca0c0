/// The data of `comment.created`: the comment and the task it stands under.
public struct CommentCreated: EventPayload, Codable {
    /// Names the comment.
    public var id: String
    /// The text.
    public var body: String
    /// How the text is written.
    public var bodyFormat: String
    /// Who wrote it.
    public var author: CommentAuthor
    /// The comment it answers.
    public var parentCommentID: String?
    /// Who is mentioned.
    public var mentions: [String]
    /// The files attached.
    public var attachments: [Attachment]
    /// When it was written.
    public var createdAt: Timestamp
    /// When it was last edited.
    public var editedAt: Timestamp?
    /// Where a person can look at it.
    public var url: String
    /// The task it stands under.
    public var task: TaskReference

    /// Creates the value from its parts.
    public init(
        id: String,
        body: String,
        bodyFormat: String = "markdown",
        author: CommentAuthor,
        parentCommentID: String? = nil,
        mentions: [String] = [],
        attachments: [Attachment] = [],
        createdAt: Timestamp,
        editedAt: Timestamp? = nil,
        url: String,
        task: TaskReference
    ) {
        self.id = id
        self.body = body
        self.bodyFormat = bodyFormat
        self.author = author
        self.parentCommentID = parentCommentID
        self.mentions = mentions
        self.attachments = attachments
        self.createdAt = createdAt
        self.editedAt = editedAt
        self.url = url
        self.task = task
    }

    /// The type of the event.
    public static let eventType = EventType.commentCreated

    /// What later events about the same thing share.
    public var orderingKey: String { task.id }

    /// The event among all that TaskFlow sends.
    public var event: TaskFlowEvent { .commentCreated(self) }

    /// Takes this payload out of an event, or returns `nil` when it holds another.
    public init?(_ event: TaskFlowEvent) {
        guard case .commentCreated(let payload) = event else { return nil }
        self = payload
    }
}

/// Somebody who wrote a comment.
public struct CommentAuthor: Sendable, Hashable, Codable {
    /// Names the author.
    public var id: String
    /// What kind of actor it is.
    public var type: ActorType
    /// The name to show.
    public var name: String

    /// Creates the value from its parts.
    public init(
        id: String,
        type: ActorType = .user,
        name: String
    ) {
        self.id = id
        self.type = type
        self.name = name
    }
}

/// A file attached to a comment.
public struct Attachment: Sendable, Hashable, Codable {
    /// Names the file.
    public var id: String
    /// The file's name.
    public var name: String
    /// The media type.
    public var contentType: String
    /// The size in bytes.
    public var sizeBytes: Int

    /// Creates the value from its parts.
    public init(
        id: String,
        name: String,
        contentType: String,
        sizeBytes: Int
    ) {
        self.id = id
        self.name = name
        self.contentType = contentType
        self.sizeBytes = sizeBytes
    }
}
