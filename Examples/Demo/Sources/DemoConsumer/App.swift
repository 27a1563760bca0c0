import DemoJournal
import WebhookReceiving

/// A consumer's application, as a customer would write it.
struct App: Sendable {
    let name: String
    private let receiver: WebhookReceiver

    init(
        name: String, secret: WebhookSecret, background: BackgroundQueue, deduplication: InMemoryDeduplication,
        journal: Journal
    ) throws {
        self.name = name
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret), deduplication: deduplication,
            clock: SystemClock(), background: background)
        receiver.on(TaskCreated.self) { event, context in
            try await record(context, "created \(event.task.title)")
        }
        receiver.on(TaskCompleted.self) { event, context in
            try await record(context, "completed \(event.task.title)")
        }
        receiver.on(TaskAssigned.self) { event, context in
            try await record(context, "assigned to \(event.assignee?.name ?? "no one")")
        }
        receiver.on(CommentCreated.self) { event, context in
            try await record(context, "\(event.author.name) commented")
        }
        receiver.on(TaskUpdated.self) { event, context in
            try await record(context, "changed \(event.changes.map(\.field).joined(separator: ", "))")
        }
        receiver.on(TaskDeleted.self) { event, context in
            try await record(context, "deleted \(event.title)")
        }
        receiver.on(WorkflowTriggered.self) { event, context in
            try await record(context, "ran \(event.name)")
        }
        receiver.onUnknown { event, context in
            try await record(context, "unknown \(event.type)")
        }
        self.receiver = receiver

        /// Represents the application's work; the journal is its database.
        @Sendable func record(_ context: WebhookContext, _ what: String) async throws {
            let print = fingerprint(context.envelope.bytes)
            try await journal.append(
                JournalEntry(app: name, action: .handled, event: context.id.rawValue, detail: "\(print) \(what)"))
        }
    }

    func respond(to request: HTTPServer.Request) async -> WebhookReply {
        await receiver.respond(method: request.method, headers: request.headers, body: request.body)
    }

    /// Returns the response to a request that can be refused before its body is read; otherwise `nil`.
    func refusal(of request: HTTPServer.Request, length: Int) -> HTTPServer.Response? {
        receiver.refusal(method: request.method, headers: request.headers, bodyLength: length)
            .map(HTTPServer.Response.init)
    }
}

extension HTTPServer.Response {
    static let notFound = HTTPServer.Response(status: 404, body: Array("unknown webhook".utf8))

    init(_ reply: WebhookReply) {
        self.init(status: reply.status, headers: reply.headers, body: reply.body)
    }
}
