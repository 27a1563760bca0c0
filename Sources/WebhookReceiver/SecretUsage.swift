internal import Synchronization
public import WebhookEvents
public import WebhookSigning

/// Which of a verifier's secrets the sender still uses: what tells when an old one can go.
public final class SecretUsage: Sendable {
    /// What is known of one secret.
    public struct Report: Sendable, Hashable, CustomStringConvertible {
        /// Which secret, counting from 0 for the current one.
        public let secretIndex: Int
        /// How many requests it has proven.
        public let count: Int
        /// When it last proved one.
        public let lastUsedAt: Timestamp?
        /// Whether the sender has gone over to a newer one for so long that nothing that this one signed can still arrive.
        public let isSafeToDrop: Bool

        /// The report in a sentence.
        public var description: String {
            let name = secretIndex == 0 ? "The current secret" : "Previous secret \(secretIndex)"
            let use = lastUsedAt.map { "last used at \($0), \(count) times in all" } ?? "not used so far"
            return "\(name): \(use)\(isSafeToDrop ? "; safe to drop" : "")."
        }
    }

    private struct State {
        var firstUse: Timestamp?
        var uses: [Int: (count: Int, last: Timestamp)] = [:]
    }

    private let state = Mutex(State())

    /// Creates an empty record.
    public init() {}

    /// Notes that a secret has proven a request.
    ///
    /// - Parameters:
    ///   - proof: The proof.
    ///   - now: The time now.
    public func record(_ proof: VerificationProof, now: Timestamp) {
        state.withLock { state in
            state.firstUse = state.firstUse ?? now
            state.uses[proof.secretIndex] = ((state.uses[proof.secretIndex]?.count ?? 0) + 1, now)
        }
    }

    /// What is known of each secret.
    ///
    /// - Parameters:
    ///   - count: How many secrets the verifier has.
    ///   - quiet: How long a newer secret must have been used instead before one is safe to drop: longer than the sender's
    ///     retries.
    /// - Returns: A report for each, the current secret first. The current one is never safe to drop.
    public func reports(
        secrets count: Int, quiet: Duration = DeduplicationPolicy.documentedRetrySpan
    ) -> [Report] {
        let state = state.withLock { $0 }
        return (0..<count).map { index in
            let use = state.uses[index]
            // A secret that was never seen is as quiet as this record is old. Silence alone says nothing: only a request
            // that a newer secret has proven shows that the sender has gone over.
            let since = use?.last ?? state.firstUse
            let newer = (0..<index).compactMap { state.uses[$0]?.last }.max()
            let isReplaced = if let since, let newer { newer - since > quiet } else { false }
            return Report(
                secretIndex: index, count: use?.count ?? 0, lastUsedAt: use?.last, isSafeToDrop: isReplaced)
        }
    }
}
