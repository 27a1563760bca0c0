import Foundation
import Hummingbird
import WebhookReceiving

// Reads the secret from TASKFLOW_WEBHOOK_SECRET and the port from PORT.
let environment = ProcessInfo.processInfo.environment
let secret = try WebhookSecret(environment["TASKFLOW_WEBHOOK_SECRET"] ?? "")
let router = Router()
router.post("webhooks/taskflow", use: try WebhookRoute(secret).respond)
let port = environment["PORT"].flatMap(Int.init) ?? 8080
try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port))).runService()
