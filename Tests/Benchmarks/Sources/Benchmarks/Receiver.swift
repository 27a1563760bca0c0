import Foundation
import WebhookReceiving

/// Measures verifying, decoding and deduplicating an event of 1 KB.
enum ReceiverBenchmark {
    static func run() async throws {
        let row = "verify, decode and deduplicate 1 KB"
        if let only = Settings.only, !row.contains(only) { return }
        let secret = try WebhookSecret(Inputs.secret)
        let (signer, clock) = (try WebhookSigner(secret), SystemClock())
        let requests = try Inputs.events().map { event in
            (headers: SigningBenchmark.requestHeaders(signer, event, clock.now), body: event.bytes)
        }
        var times: [Double] = []
        for _ in 0..<5 {
            var receiver = WebhookReceiver(
                verifier: try WebhookVerifier(secret: secret),
                deduplication: InMemoryDeduplication(), clock: clock)
            receiver.on(TaskUpdated.self) { event, _ in keep(event) }
            let start = ContinuousClock.now
            for request in requests {
                let reply = await receiver.respond(method: "POST", headers: request.headers, body: request.body)
                precondition(reply.disposition == .accepted)
            }
            times.append((ContinuousClock.now - start) / .nanoseconds(1) / Double(requests.count))
        }
        report(row, median(times))
    }
}

extension SigningBenchmark {
    static func requestHeaders(_ signer: WebhookSigner, _ event: Envelope, _ now: Timestamp) -> HeaderFields {
        var headers: HeaderFields = [
            "Host": "yourapp.com", "Content-Length": String(event.bytes.count), "Content-Type": "application/json",
            "X-TaskFlow-Event": event.type.rawValue,
        ]
        let proof = signer.headers(for: event.bytes.span, id: event.id, at: now)
        for field in proof.lines { headers.append(field.name, field.value) }
        return headers
    }
}
