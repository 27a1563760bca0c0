import HTTPTypes
import Hummingbird
import WebhookReceiving

/// The route of one webhook: refuses invalid requests before reading the body, and verifies the body as it arrives.
struct WebhookRoute: Sendable {
    private let receiver: WebhookReceiver

    init(_ secret: WebhookSecret) throws {
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret), deduplication: InMemoryDeduplication(), clock: SystemClock())
        receiver.onAny { event, context in print(context.id, event.type) }
        self.receiver = receiver
    }

    /// Answers one request, and verifies its body as it arrives.
    ///
    /// The receiver limits the body: after 10 MiB it stops reading and answers 413. Hummingbird limits no streams.
    func respond(_ request: Request, _ context: some RequestContext) async throws -> Response {
        var headers = HeaderFields()
        for field in request.headers { headers.append(field.name.rawName, field.value) }
        let body = request.body.map { Array(buffer: $0) }
        let reply = try await receiver.respond(method: request.method.rawValue, headers: headers, chunks: body)
        var fields = HTTPFields()
        for field in reply.headers.lines {
            if let name = HTTPField.Name(field.name) { fields.append(HTTPField(name: name, value: field.value)) }
        }
        return Response(
            status: .init(code: reply.status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    }
}
