public import WebhookEvents

/// The secrets of one webhook over time: the current one, the one that is to follow, and those that came before.
///
/// A rotation has two phases, because `X-TaskFlow-Signature` holds one value. While a new secret is pending, that header
/// is still signed with the current one and `webhook-signature` carries both, so receivers can take the new secret over
/// whenever they like. From its activation on the new secret signs both headers, and the one before goes on signing in
/// `webhook-signature` until it expires. A receiver that knows either secret, and reads the list, notices nothing.
///
/// A pure value: each change says what time it is, and what is due by then has happened.
public struct SecretRotation: Sendable {
    /// How long a pending secret waits unless said otherwise: a day, for receivers to take it over.
    public static let standardDelay = Duration.seconds(86_400)
    /// How long a replaced secret goes on signing: a day more than the documented retries last, in whole days.
    public static let standardOverlap = Duration.seconds(2 * 86_400)

    /// The most secrets that go on signing beside the current one; beyond it the oldest stops early.
    public static let maximumPrevious = 10

    private var currentSecret: SharedSecret
    private var pendingSecret: (secret: SharedSecret, at: Timestamp)?
    private var previousSecrets: [(secret: SharedSecret, at: Timestamp)] = []

    /// Starts with one secret.
    ///
    /// - Parameter secret: A shared secret of at least ``WebhookSecret/minimumLength`` bytes.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/wrongKind`` or ``SigningError/Code/shortSecret``.
    public init(_ secret: WebhookSecret) throws(SigningError) {
        self.currentSecret = try SharedSecret(registering: secret)
    }

    /// Puts together what was checked when it was registered: rules that came later make no webhook unreadable.
    init(current: WebhookSecret, pending: Change?, previous: [Change]) throws(SigningError) {
        self.currentSecret = try SharedSecret(current)
        if let pending { self.pendingSecret = (try SharedSecret(pending.secret), pending.at) }
        for change in previous { previousSecrets.append((try SharedSecret(change.secret), change.at)) }
    }

    /// A secret that starts or stops being used at some moment.
    public struct Change: Sendable {
        /// The secret.
        public let secret: WebhookSecret
        /// The moment.
        public let at: Timestamp
    }

    /// The secret that signs `X-TaskFlow-Signature`.
    public var current: WebhookSecret { currentSecret.secret }
    /// The secret that is to follow, and when.
    public var pending: Change? { pendingSecret.map { Change(secret: $0.secret.secret, at: $0.at) } }
    /// The secrets that came before, newest first, and until when each goes on signing.
    public var previous: [Change] { previousSecrets.map { Change(secret: $0.secret.secret, at: $0.at) } }

    /// What can be done with a webhook's secrets, as one value for stores to pass on.
    public enum Step: Sendable {
        /// Announces a secret that signs `X-TaskFlow-Signature` after a while.
        case rotate(to: WebhookSecret, after: Duration)
        /// Lets the pending secret sign now.
        case activate
        /// Forgets the pending secret.
        case cancel
        /// Stops signing with what came before the current secret, because it leaked.
        case revokePrevious
    }

    /// Does one step.
    ///
    /// - Parameters:
    ///   - step: What to do.
    ///   - now: The time now.
    /// - Throws: As the method for the step.
    public mutating func apply(_ step: Step, now: Timestamp) throws(SigningError) {
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
    ///   - secret: The secret to come, shared.
    ///   - delay: How long it waits before it signs `X-TaskFlow-Signature`; zero or less activates it at once.
    ///   - now: The time now.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/rotationPending`` when one waits already, or as ``init(_:)``.
    public mutating func rotate(
        to secret: WebhookSecret, after delay: Duration = standardDelay, now: Timestamp
    ) throws(SigningError) {
        let secret = try SharedSecret(registering: secret)
        advance(to: now)
        guard pendingSecret == nil else {
            throw SigningError(
                .rotationPending, "Another secret is pending", hint: "Activate or cancel it before announcing the next."
            )
        }
        pendingSecret = (secret, now + max(delay, .zero))
        advance(to: now)
    }

    /// Activates the pending secret now, because its receiver is ready.
    ///
    /// - Parameter now: The time now.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/noRotationPending``.
    public mutating func activate(now: Timestamp) throws(SigningError) {
        advance(to: now)
        guard let pendingSecret else { throw .noRotation }
        self.pendingSecret = (pendingSecret.secret, now)
        advance(to: now)
    }

    /// Forgets the pending secret.
    ///
    /// - Parameter now: The time now.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/noRotationPending``, also when it has just been activated.
    public mutating func cancel(now: Timestamp) throws(SigningError) {
        advance(to: now)
        guard pendingSecret != nil else { throw .noRotation }
        pendingSecret = nil
    }

    /// Stops signing with the secrets that came before, because one of them leaked; receivers need the current one at once.
    ///
    /// - Parameter now: The time now; a secret that is due by then is the current one, and what it replaced is gone.
    public mutating func revokePrevious(now: Timestamp) {
        advance(to: now)
        previousSecrets = []
    }

    /// Does what is due: activates the pending secret, and drops the previous ones that have expired.
    ///
    /// - Parameter now: The time now.
    public mutating func advance(to now: Timestamp) {
        if let (secret, activation) = pendingSecret, activation <= now {
            previousSecrets.insert((currentSecret, activation + Self.standardOverlap), at: 0)
            previousSecrets = Array(previousSecrets.prefix(Self.maximumPrevious))
            currentSecret = secret
            pendingSecret = nil
        }
        previousSecrets.removeAll { $0.at <= now }
    }

    /// Who signs now.
    ///
    /// - Parameters:
    ///   - now: The time of the attempt.
    ///   - signingKeys: The sender's own `whsk_` keys, for `v1a` signatures beside the others.
    /// - Returns: The signer.
    public func signer(at now: Timestamp, signingKeys: [WebhookSecret] = []) -> WebhookSigner {
        var secrets = self
        secrets.advance(to: now)
        let pending = secrets.pendingSecret.map { [$0.secret.secret] } ?? []
        let previous = secrets.previousSecrets.map(\.secret.secret)
        return WebhookSigner(secrets.currentSecret, others: pending + previous + signingKeys)
    }
}

extension SigningError {
    fileprivate static var noRotation: SigningError {
        SigningError(.noRotationPending, "No secret is pending", hint: "It may have been activated in the meantime.")
    }
}
