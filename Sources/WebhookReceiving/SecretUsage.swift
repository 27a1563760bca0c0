internal import Synchronization
public import WebhookEvents
public import WebhookSigning

/// A record of which of a verifier's secrets the sender still uses, to decide when an old one can be dropped.
public final class SecretUsage: Sendable {
    /// The usage of one secret.
    public struct Report: Sendable, Hashable, CustomStringConvertible {
        /// The index of the secret; 0 is the current one.
        public let secretIndex: Int
        /// The number of requests that the secret has verified.
        public let count: Int
        /// When the secret last verified a request.
        public let lastUsedAt: Timestamp?
        /// Whether the sender has used a newer secret for so long that no request signed with this one can still
        /// arrive.
        public let isSafeToDrop: Bool

        /// The report as a sentence.
        public var description: String {
            let name = secretIndex == 0 ? "The current secret" : "Previous secret \(secretIndex)"
            let use = lastUsedAt.map { "last used at \($0), \(count) times in total" } ?? "not used so far"
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

    /// Records that a secret has verified a request.
    ///
    /// - Parameters:
    ///   - proof: The proof.
    ///   - now: The current time.
    public func record(_ proof: VerifiedPayload.Proof, now: Timestamp) {
        state.withLock { state in
            state.firstUse = state.firstUse ?? now
            state.uses[proof.secretIndex] = ((state.uses[proof.secretIndex]?.count ?? 0) + 1, now)
        }
    }

    /// Returns the usage of each secret.
    ///
    /// - Parameters:
    ///   - count: The number of the verifier's secrets.
    ///   - quiet: How long a newer secret must have been in use before a secret is safe to drop; it must exceed the
    ///     duration of the sender's retries.
    /// - Returns: A report for each secret, the current one first. The current secret is never safe to drop.
    public func reports(
        secrets count: Int, quiet: Duration = DeduplicationPolicy.taskFlowRetrySpan
    ) -> [Report] {
        let state = state.withLock { $0 }
        return (0..<count).map { index in
            let use = state.uses[index]
            // A secret without requests counts as unused since the first record. That alone proves nothing: only a
            // request that a newer secret verified shows that the sender has switched.
            let since = use?.last ?? state.firstUse
            let newer = (0..<index).compactMap { state.uses[$0]?.last }.max()
            let isReplaced = if let since, let newer { newer - since > quiet } else { false }
            return Report(
                secretIndex: index, count: use?.count ?? 0, lastUsedAt: use?.last, isSafeToDrop: isReplaced)
        }
    }
}
