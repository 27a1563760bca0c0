// README: Verify
import WebhookReceiving

func receive(method: String, headers: HeaderFields, body: [UInt8], secret: String) async throws -> WebhookReply {
    let verifier = try WebhookVerifier(secret: WebhookSecret(secret))
    var receiver = WebhookReceiver(verifier: verifier, deduplication: memory, clock: SystemClock())
    receiver.on(TaskCreated.self) { event, context in print(context.id, event.task.title) }
    receiver.onUnknown { event, context in print(context.id, event.type) }
    return await receiver.respond(method: method, headers: headers, body: body)  // status, headers, body
}

let memory = InMemoryDeduplication()
// README: end
