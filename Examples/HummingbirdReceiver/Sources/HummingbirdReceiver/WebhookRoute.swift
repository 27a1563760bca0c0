import HTTPTypes
import Hummingbird
import WebhookReceiver

/// One webhook's route: refuses what it can before the body is there, and verifies the rest while it arrives.
struct WebhookRoute: Sendable {
    private let receiver: WebhookReceiver

    init(_ secret: WebhookSecret) throws {
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret), deduplication: InMemoryDeduplication(), clock: SystemClock())
        receiver.onAny { event, context in print(context.id, event.type) }
        self.receiver = receiver
    }

    /// Answers one request, whose body is verified while it arrives.
    ///
    /// The limit is the receiver's: it stops reading beyond 10 MiB and answers 413. Hummingbird has none for a stream.
    func respond(_ request: Request, _ context: some RequestContext) async throws -> Response {
        var headers = HeaderFields()
        for field in request.headers { headers.append(field.name.rawName, field.value) }
        let body = request.body.map { Array(buffer: $0) }
        let reply = try await receiver.respond(method: request.method.rawValue, headers: headers, chunks: body)
        var fields = HTTPFields()
        for field in reply.headers.fields {
            if let name = HTTPField.Name(field.name) { fields.append(HTTPField(name: name, value: field.value)) }
        }
        return Response(
            status: .init(code: reply.status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    }
}
