// README: Verify
import WebhookReceiving

// Once, when the server starts:
func makeReceiver(secret: String) throws -> WebhookReceiver {
    let verifier = try WebhookVerifier(secret: WebhookSecret(secret))
    var receiver = WebhookReceiver(verifier: verifier, deduplication: InMemoryDeduplication(), clock: SystemClock())
    receiver.on(TaskCreated.self) { event, context in print(context.id, event.task.title) }
    receiver.onUnknown { event, context in print(context.id, event.type) }
    return receiver
}

// For each request; the reply has a status, headers and a body:
func receive(_ method: String, _ headers: HeaderFields, _ body: [UInt8], with receiver: WebhookReceiver) async
    -> WebhookReply
{
    await receiver.respond(method: method, headers: headers, body: body)
}
// README: end
