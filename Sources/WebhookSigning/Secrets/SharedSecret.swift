/// A secret that is known to be shared, so that code that signs with it need not check again.
struct SharedSecret: Sendable {
    let secret: WebhookSecret
    let taskFlowKey: HMACKey
    let standardKey: HMACKey

    /// Accepts a shared secret of any length, because a consumer cannot choose its secret.
    init(_ secret: WebhookSecret) throws(SigningError) {
        guard case .shared(let taskFlow, let standard) = secret.storage.keys else {
            throw SigningError(
                .wrongKind, "An Ed25519 key cannot make X-TaskFlow-Signature, which is an HMAC",
                hint: "Use a shared secret as the first one, and add `whsk_` keys to it.")
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
                .malformedSecret, "The secret is not UTF-8, so it cannot be shown as text",
                hint: "Generate a secret with the library.")
        }
        // Its owner must be able to read the secret from this text.
        _ = try WebhookSecret(text)
        guard min(secret.storage.text.count, secret.storage.standardKeyBytes.count) >= WebhookSecret.minimumLength
        else {
            throw SigningError(
                .shortSecret, "The secret has fewer than \(WebhookSecret.minimumLength) bytes",
                hint: "Generate one with the library, or use at least \(WebhookSecret.recommendedLength) random bytes.")
        }
    }
}
