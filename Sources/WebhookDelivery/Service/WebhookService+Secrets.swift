public import WebhookEvents
public import WebhookSigning

extension WebhookService {
    /// Announces a new secret, in two phases: see `SecretRotation`.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - secret: Where the new secret comes from.
    ///   - delay: How long it waits before it signs `X-TaskFlow-Signature`; `webhook-signature` carries both at once.
    ///   - account: The account it must belong to.
    /// - Returns: The secrets; show the pending one, or the current one without a delay, to its owner now. `nil` when the
    ///   account has no such webhook.
    /// - Throws: `SigningError` when a secret is pending already, or the new one is unusable; what the store throws.
    public func rotateSecret(
        of id: WebhookID, to secret: WebhookRegistration.SecretSource = .generate(),
        after delay: Duration = SecretRotation.standardDelay, account: AccountID
    ) async throws -> SecretRotation? {
        var generator = RandomSourceGenerator(random)
        let secret = secret.secret ?? .generate(using: &generator)
        return try await changeSecrets(of: id, account: account, .rotate(to: secret, after: delay))
    }

    /// Lets the pending secret sign now, because its receiver has it.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: The secrets, or `nil` when the account has no such webhook.
    /// - Throws: `SigningError` when no secret is pending; what the store throws.
    public func activateSecret(of id: WebhookID, account: AccountID) async throws -> SecretRotation? {
        try await changeSecrets(of: id, account: account, .activate)
    }

    /// Forgets the pending secret.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: The secrets, or `nil` when the account has no such webhook.
    /// - Throws: `SigningError` when no secret is pending; what the store throws.
    public func cancelPendingSecret(of id: WebhookID, account: AccountID) async throws -> SecretRotation? {
        try await changeSecrets(of: id, account: account, .cancel)
    }

    /// Stops signing with the secrets that came before the current one, because one of them leaked.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account it must belong to.
    /// - Returns: The secrets, or `nil` when the account has no such webhook.
    /// - Throws: What the store throws.
    public func revokePreviousSecrets(of id: WebhookID, account: AccountID) async throws -> SecretRotation? {
        try await changeSecrets(of: id, account: account, .revokePrevious)
    }

    private func changeSecrets(
        of id: WebhookID, account: AccountID, _ step: SecretRotation.Step
    ) async throws -> SecretRotation? {
        let secrets = try await store.changeSecrets(of: id, account: account, step)
        if secrets != nil { dispatcher.observation.report(.secretsChanged(id)) }
        return secrets
    }
}
