import Crypto
import WebhookSigning

/// Signing and verifying, at the sizes that payloads have.
enum SigningBenchmark {
    static let sizes = [("256 B", 256), ("1 KB", 1024), ("16 KB", 16_384), ("1 MB", 1_048_576)]

    static func run() throws {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signer = try WebhookSigner(secret)
        let now = Timestamp(unixSeconds: 1_707_583_522)
        let documented = WebhookVerifier(secret: secret)
        let timestamped = WebhookVerifier(secret: secret, policy: .timestamped())
        let key = SymmetricKey(data: Array("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8))
        for (name, size) in sizes {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 % 96 + 32) }
            let headers = requestHeaders(signer, body, now)
            measure("sign \(name)") { keep(signer.taskFlowSignature(of: body)) }
            measure("sign \(name)", who: "swift-crypto") {
                keep(HMAC<SHA256>.authenticationCode(for: body, using: key))
            }
            measure("sign, timestamped \(name)") { keep(signer.standardSignature(of: body, id: "evt_xyz789", at: now)) }
            try measure("verify \(name)") { keep(try documented.verify(body, headers: headers, now: now)) }
            try measure("verify, timestamped \(name)") {
                keep(try timestamped.verify(body, headers: headers, now: now))
            }
        }
    }

    /// What TaskFlow sends, in its order, behind what a server framework puts in front.
    static func requestHeaders(_ signer: WebhookSigner, _ body: [UInt8], _ now: Timestamp) -> HeaderFields {
        [
            "Host": "yourapp.com", "Content-Length": String(body.count), "Content-Type": "application/json",
            "User-Agent": "TaskFlow-Webhooks/1", "X-TaskFlow-Event": "task.created",
            "X-TaskFlow-Signature": signer.taskFlowSignature(of: body), "X-TaskFlow-Delivery-ID": "del_xyz789",
            "X-TaskFlow-Delivery-Attempt": "1", "X-TaskFlow-Webhook-ID": "wh_abc123", "Idempotency-Key": "del_xyz789",
            "webhook-id": "evt_xyz789", "webhook-timestamp": String(now.unixSeconds),
            "webhook-signature": signer.standardSignature(of: body, id: "evt_xyz789", at: now),
        ]
    }
}
