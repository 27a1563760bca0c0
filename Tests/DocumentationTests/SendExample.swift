#if HTTPTransport && SQLite
// README: Send
import TaskFlowWebhooks
import WebhookHTTPTransport
import WebhookSQLite

func send(_ task: TaskObject) async throws {
    let service = WebhookService(
        store: try SQLiteStore(path: "webhooks.sqlite"), transport: HTTPTransport(policy: .production),
        clock: SystemClock(), random: SystemRandomSource())
    let registration = WebhookRegistration(
        url: "https://yourapp.com/webhooks/taskflow", events: [.taskCreated, .taskUpdated], secret: .generate())
    let webhook = try await service.register(registration, account: "acc_123")
    print("show this once:", webhook.secret.reveal())
    try await service.publish(TaskCreated(task), account: "acc_123", triggeredBy: "user_456")
    try await service.run()  // in the host's task group; returns after service.stop()
}
// README: end
#endif
