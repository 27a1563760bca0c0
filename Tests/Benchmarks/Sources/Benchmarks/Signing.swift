import Crypto
import Foundation
import WebhookReceiving

/// Measures signing and verifying, at the sizes of real payloads.
enum SigningBenchmark {
    static let sizes = [("256 B", 256), ("1 KB", 1024), ("16 KB", 16_384), ("1 MB", 1_048_576)]

    static func run() throws {
        let secret = try WebhookSecret(Inputs.secret)
        let signer = try WebhookSigner(secret)
        let now = Timestamp(unixSeconds: 1_707_583_522)
        let documented = try WebhookVerifier(secret: secret, policy: .taskFlow)
        let timestamped = try WebhookVerifier(secret: secret)
        let key = SymmetricKey(data: Array(Inputs.secret.utf8))
        for (name, size) in sizes {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 % 96 + 32) }
            let headers = requestHeaders(signer, body, now)
            measure("sign \(name)") { keep(signer.taskFlowSignature(of: body)) }
            measure("sign \(name)", who: "swift-crypto") {
                keep(HMAC<SHA256>.authenticationCode(for: body, using: key))
            }
            try measure("verify \(name)") { keep(try documented.verify(body.span, headers: headers, now: now)) }
            measure("sign, timestamped \(name)") { keep(signer.standardSignature(of: body, id: "evt_xyz789", at: now)) }
            try measure("verify, timestamped \(name)") {
                keep(try timestamped.verify(body.span, headers: headers, now: now))
            }
        }
        try keys(now)
        threads(signer)
    }

    /// Measures Ed25519, whose cost is libcrypto's.
    private static func keys(_ now: Timestamp) throws {
        var generator = SystemRandomNumberGenerator()
        let key = try WebhookSecret.randomSigningKey(using: &generator)
        let body = [UInt8](repeating: 0x61, count: 1024)
        let signature = try SignatureScheme.standardV1a.signature(of: body.span, id: "evt_1", at: now, with: key)
        let headers: HeaderFields = [
            "webhook-id": "evt_1", "webhook-timestamp": String(now.unixSeconds), "webhook-signature": signature,
        ]
        let verifier = try WebhookVerifier(secret: key.verificationKey)
        try measure("sign v1a 1 KB") {
            keep(try SignatureScheme.standardV1a.signature(of: body.span, id: "evt_1", at: now, with: key))
        }
        try measure("verify v1a 1 KB") { keep(try verifier.verify(body, headers: headers, now: now)) }
    }

    /// The headers that TaskFlow sends, in their order, after those of a server framework.
    static func requestHeaders(_ signer: WebhookSigner, _ body: [UInt8], _ now: Timestamp) -> HeaderFields {
        var headers: HeaderFields = [
            "Host": "yourapp.com", "Content-Length": String(body.count), "Content-Type": "application/json",
            "User-Agent": "TaskFlow-Webhooks/1", "X-TaskFlow-Event": "task.created",
            "X-TaskFlow-Delivery-ID": "del_xyz789", "X-TaskFlow-Delivery-Attempt": "1",
            "X-TaskFlow-Webhook-ID": "wh_abc123", "Idempotency-Key": "del_xyz789",
        ]
        let proof = signer.headers(for: body.span, id: "evt_xyz789", at: now)
        for field in proof.lines { headers.append(field.name, field.value) }
        return headers
    }

    /// Measures one secret that is used by one thread and by two at once: time per signature over all threads.
    private static func threads(_ signer: WebhookSigner) {
        let body = [UInt8](repeating: 0x61, count: 256)
        for count in [1, 2] {
            let row = "sign 256 B, \(count) thread\(count == 1 ? "" : "s")"
            if let only = Settings.only, !row.contains(only) { continue }
            let rounds = 200_000
            let times = (0..<5).map { _ in
                let elapsed = ContinuousClock().measure {
                    DispatchQueue.concurrentPerform(iterations: count) { _ in
                        for _ in 0..<rounds { keep(signer.taskFlowSignature(of: body)) }
                    }
                }
                return elapsed / .nanoseconds(1) / Double(rounds * count)
            }
            report(row, median(times))
        }
    }
}
