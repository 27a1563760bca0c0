public import WebhookEvents

/// The secrets of one webhook over time: the current, the pending and the previous ones.
///
/// A rotation has two phases, because `X-TaskFlow-Signature` has one value. While a new secret is pending, the current
/// secret still signs that header and `webhook-signature` has signatures with both, so receivers can switch to the new
/// secret at any time. After its activation, the new secret signs both headers, and the previous one still signs in
/// `webhook-signature` until it expires. A receiver that knows either secret, and reads the list, is not interrupted.
///
/// This is a pure value: each method receives the current time, and first applies the changes that are due.
public struct SecretRotation: Sendable {
    /// The default time for which a secret is pending: one day, in which receivers can switch to it.
    public static let defaultDelay = Duration.seconds(86_400)
    /// The time for which a replaced secret still signs: one day more than the documented retries take, in whole days.
    public static let defaultOverlap = Duration.seconds(2 * 86_400)

    /// The maximum number of previous secrets that still sign; with more, the oldest one stops early.
    public static let maximumPrevious = 10

    private var currentSecret: SharedSecret
    private var pendingSecret: (secret: SharedSecret, at: Timestamp)?
    private var previousSecrets: [(secret: SharedSecret, at: Timestamp)] = []

    /// Creates a rotation with one secret.
    ///
    /// - Parameter secret: A shared secret of at least ``WebhookSecret/minimumLength`` bytes.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` or ``SigningError/Code/shortSecret``.
    public init(_ secret: WebhookSecret) throws(SigningError) {
        self.currentSecret = try SharedSecret(registering: secret)
    }

    /// Creates a rotation from stored secrets, which were validated at registration.
    ///
    /// Later rules do not apply to them, so no stored webhook becomes unreadable.
    init(current: WebhookSecret, pending: ScheduledSecret?, previous: [ScheduledSecret]) throws(SigningError) {
        self.currentSecret = try SharedSecret(current)
        if let pending { self.pendingSecret = (try SharedSecret(pending.secret), pending.at) }
        for change in previous { previousSecrets.append((try SharedSecret(change.secret), change.at)) }
    }

    /// A secret that starts or stops being used at a certain time.
    public struct ScheduledSecret: Sendable {
        /// The secret.
        public let secret: WebhookSecret
        /// The time of the change.
        public let at: Timestamp
    }

    /// The secret that signs `X-TaskFlow-Signature`.
    public var current: WebhookSecret { currentSecret.secret }
    /// The pending secret, and the time of its activation.
    public var pending: ScheduledSecret? { pendingSecret.map { ScheduledSecret(secret: $0.secret.secret, at: $0.at) } }
    /// The previous secrets, newest first, and the time at which each one expires.
    public var previous: [ScheduledSecret] {
        previousSecrets.map { ScheduledSecret(secret: $0.secret.secret, at: $0.at) }
    }

    /// A change to a webhook's secrets, as a value that can be passed to stores.
    public enum Change: Sendable {
        /// Announces a secret that signs `X-TaskFlow-Signature` after a delay.
        case rotate(to: WebhookSecret, after: Duration)
        /// Activates the pending secret immediately.
        case activate
        /// Discards the pending secret.
        case cancel
        /// Stops signing with the previous secrets, because one leaked.
        case revokePrevious
    }

    /// Applies one step.
    ///
    /// - Parameters:
    ///   - step: The step to apply.
    ///   - now: The current time.
    /// - Throws: The same errors as the method for the step.
    public mutating func apply(_ step: Change, now: Timestamp) throws(SigningError) {
        switch step {
        case .rotate(let secret, let delay): try rotate(to: secret, after: delay, now: now)
        case .activate: try activate(now: now)
        case .cancel: try cancel(now: now)
        case .revokePrevious: revokePrevious(now: now)
        }
    }

    /// Announces a new secret.
    ///
    /// - Parameters:
    ///   - secret: The new shared secret.
    ///   - delay: The time before it signs `X-TaskFlow-Signature`; zero or less activates it immediately.
    ///   - now: The current time.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/rotationPending`` if a secret is pending already, or
    ///   the same errors as ``init(_:)``.
    public mutating func rotate(
        to secret: WebhookSecret, after delay: Duration = defaultDelay, now: Timestamp
    ) throws(SigningError) {
        let secret = try SharedSecret(registering: secret)
        advance(to: now)
        guard pendingSecret == nil else {
            throw SigningError(
                .rotationPending, "Another secret is pending",
                hint: "Activate or cancel it before you announce the next."
            )
        }
        pendingSecret = (secret, now + max(delay, .zero))
        advance(to: now)
    }

    /// Activates the pending secret immediately, because its receiver is ready.
    ///
    /// - Parameter now: The current time.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/noRotationPending``.
    public mutating func activate(now: Timestamp) throws(SigningError) {
        advance(to: now)
        guard let pendingSecret else { throw .noRotation }
        self.pendingSecret = (pendingSecret.secret, now)
        advance(to: now)
    }

    /// Discards the pending secret.
    ///
    /// - Parameter now: The current time.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/noRotationPending``, also if it has just been
    ///   activated.
    public mutating func cancel(now: Timestamp) throws(SigningError) {
        advance(to: now)
        guard pendingSecret != nil else { throw .noRotation }
        pendingSecret = nil
    }

    /// Stops signing with the previous secrets, because one of them leaked.
    ///
    /// Receivers need the current secret immediately.
    ///
    /// - Parameter now: The current time; a pending secret that is due becomes the current one, and the secret that it
    ///   replaces is revoked as well.
    public mutating func revokePrevious(now: Timestamp) {
        advance(to: now)
        previousSecrets = []
    }

    /// Applies the changes that are due: activates the pending secret, and removes expired previous ones.
    ///
    /// - Parameter now: The current time.
    public mutating func advance(to now: Timestamp) {
        if let (secret, activation) = pendingSecret, activation <= now {
            previousSecrets.insert((currentSecret, activation + Self.defaultOverlap), at: 0)
            previousSecrets = Array(previousSecrets.prefix(Self.maximumPrevious))
            currentSecret = secret
            pendingSecret = nil
        }
        previousSecrets.removeAll { $0.at <= now }
    }

    /// Returns the signer for an attempt.
    ///
    /// - Parameters:
    ///   - now: The time of the attempt.
    ///   - signingKeys: The sender's `whsk_` keys, for additional `v1a` signatures.
    /// - Returns: The signer.
    public func signer(now: Timestamp, signingKeys: [WebhookSecret] = []) -> WebhookSigner {
        var secrets = self
        secrets.advance(to: now)
        let pending = secrets.pendingSecret.map { [$0.secret.secret] } ?? []
        let previous = secrets.previousSecrets.map(\.secret.secret)
        return WebhookSigner(secrets.currentSecret, others: pending + previous + signingKeys)
    }
}

extension SigningError {
    fileprivate static var noRotation: SigningError {
        SigningError(
            .noRotationPending, "No secret is pending",
            hint: "Check the current secret; the pending one may have been activated.")
    }
}
