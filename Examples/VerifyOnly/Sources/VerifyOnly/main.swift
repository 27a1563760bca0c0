import WebhookSigning

// GitHub's documented example ("Validating webhook deliveries"): the same scheme with another header name.
let body = Array("Hello, World!".utf8)
let headers: HeaderFields = [
    "X-TaskFlow-Signature": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
]

let verifier = try WebhookVerifier(secret: WebhookSecret("It's a Secret to Everybody"), policy: .taskFlow)
let verified = try verifier.verify(body, headers: headers, now: Timestamp(unixSeconds: 1_700_000_000))
print("verified \(verified.body.count) bytes by \(verified.proof.scheme.rawValue)")

do {
    _ = try verifier.verify(body + [0x21], headers: headers, now: Timestamp(unixSeconds: 1_700_000_000))
} catch {
    print("refused with \(error.suggestedStatus): \(error)")
}
