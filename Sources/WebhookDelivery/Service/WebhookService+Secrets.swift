public import WebhookEvents
public import WebhookSigning

extension WebhookService {
    /// Rotates to a new secret, in two phases: see `SecretRotation`.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own the webhook.
    ///   - secret: The source of the new secret.
    ///   - delay: The wait before it signs `X-TaskFlow-Signature`; both secrets sign `webhook-signature` immediately.
    /// - Returns: The secrets, or `nil` when the account has no such webhook. Show the pending secret, or the current
    ///   one without a delay, to its owner now.
    /// - Throws: `SigningError` if a secret is already pending or the new one is unusable; errors of the store.
    public func rotateSecret(
        of id: WebhookID, account: AccountID, to secret: WebhookRegistration.SecretSource = .generate(),
        after delay: Duration = SecretRotation.defaultDelay
    ) async throws -> SecretRotation? {
        var generator = RandomSourceGenerator(random)
        let secret = secret.secret ?? .random(using: &generator)
        return try await changeSecrets(of: id, .rotate(to: secret, after: delay), account: account)
    }

    /// Makes the pending secret the current one, because its receiver has it.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own the webhook.
    /// - Returns: The secrets, or `nil` when the account has no such webhook.
    /// - Throws: `SigningError` if no secret is pending; errors of the store.
    public func activateSecret(of id: WebhookID, account: AccountID) async throws -> SecretRotation? {
        try await changeSecrets(of: id, .activate, account: account)
    }

    /// Discards the pending secret.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own the webhook.
    /// - Returns: The secrets, or `nil` when the account has no such webhook.
    /// - Throws: `SigningError` if no secret is pending; errors of the store.
    public func cancelPendingSecret(of id: WebhookID, account: AccountID) async throws -> SecretRotation? {
        try await changeSecrets(of: id, .cancel, account: account)
    }

    /// Stops signing with previous secrets, for example because one of them leaked.
    ///
    /// - Parameters:
    ///   - id: The webhook.
    ///   - account: The account that must own the webhook.
    /// - Returns: The secrets, or `nil` when the account has no such webhook.
    /// - Throws: Errors of the store.
    public func revokePreviousSecrets(of id: WebhookID, account: AccountID) async throws -> SecretRotation? {
        try await changeSecrets(of: id, .revokePrevious, account: account)
    }

    private func changeSecrets(
        of id: WebhookID, _ step: SecretRotation.Change, account: AccountID
    ) async throws -> SecretRotation? {
        let secrets = try await store.changeSecrets(of: id, step, account: account)
        if secrets != nil { dispatcher.observation.report(.secretsChanged(id)) }
        return secrets
    }
}
