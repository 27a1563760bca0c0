/// A secret that is known to be shared, so that nothing that signs with it has to ask again.
struct SharedSecret: Sendable {
    let secret: WebhookSecret
    let taskFlowKey: HMACKey
    let standardKey: HMACKey

    /// Accepts a shared secret of any length; whoever only verifies takes what the sender has chosen.
    init(_ secret: WebhookSecret) throws(SigningError) {
        guard case .shared(let taskFlow, let standard) = secret.storage.keys else {
            throw SigningError(
                .wrongKind, "An Ed25519 key cannot make X-TaskFlow-Signature, which is an HMAC",
                hint: "Give a shared secret first, and `whsk_` keys beside it.")
        }
        self.secret = secret
        self.taskFlowKey = taskFlow
        self.standardKey = standard
    }

    /// Accepts a shared secret that is long enough for a new webhook.
    init(registering secret: WebhookSecret) throws(SigningError) {
        try self.init(secret)
        guard let text = String(validating: secret.storage.text, as: UTF8.self) else {
            throw SigningError(
                .malformedSecret, "The secret is no UTF-8, and could not be shown as text",
                hint: "Let the library generate one.")
        }
        // Its owner reads it from that text again.
        _ = try WebhookSecret(text)
        guard min(secret.storage.text.count, secret.storage.standardKeyBytes.count) >= WebhookSecret.minimumLength
        else {
            throw SigningError(
                .shortSecret, "The secret has fewer than \(WebhookSecret.minimumLength) bytes",
                hint: "Let the library generate one, or take at least \(WebhookSecret.recommendedLength) random bytes.")
        }
    }
}
