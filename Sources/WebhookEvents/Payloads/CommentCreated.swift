/// The payload of `comment.created`: the comment and its task.
public struct CommentCreated: EventPayload, Codable {
    /// The identifier of the comment.
    public var id: String
    /// The text of the comment.
    public var body: String
    /// The format of the text.
    public var bodyFormat: String
    /// The author of the comment.
    public var author: CommentCreated.Author
    /// The identifier of the comment that this one replies to.
    public var parentCommentID: String?
    /// The identifiers of the mentioned users.
    public var mentions: [String]
    /// The attached files.
    public var attachments: [CommentCreated.Attachment]
    /// The time at which the comment was written.
    public var createdAt: Timestamp
    /// The time of the last edit.
    public var editedAt: Timestamp?
    /// The URL of its web page.
    public var url: String
    /// The task that the comment belongs to.
    public var task: TaskObject.Reference

    /// Creates the payload of `comment.created`.
    public init(
        id: String,
        body: String,
        bodyFormat: String = "markdown",
        author: CommentCreated.Author,
        parentCommentID: String? = nil,
        mentions: [String] = [],
        attachments: [CommentCreated.Attachment] = [],
        createdAt: Timestamp,
        editedAt: Timestamp? = nil,
        url: String,
        task: TaskObject.Reference
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

    /// The ordering key, shared by all events about the same task.
    public var orderingKey: String { task.id }

    /// The payload as a ``TaskFlowEvent``.
    public var event: TaskFlowEvent { .commentCreated(self) }

    /// Creates the payload from an event, or returns `nil` if the event has another type.
    public init?(_ event: TaskFlowEvent) {
        guard case .commentCreated(let payload) = event else { return nil }
        self = payload
    }
}

extension CommentCreated {
    /// The author of a comment.
    public struct Author: Sendable, Hashable, Codable {
        /// The identifier of the author.
        public var id: String
        /// The kind of actor.
        public var type: ActorType
        /// The display name.
        public var name: String

        /// Creates an author.
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
}

extension CommentCreated {
    /// A file attached to a comment.
    public struct Attachment: Sendable, Hashable, Codable {
        /// The identifier of the file.
        public var id: String
        /// The file's name.
        public var name: String
        /// The media type.
        public var contentType: String
        /// The size in bytes.
        public var sizeBytes: Int

        /// Creates an attachment.
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
}
