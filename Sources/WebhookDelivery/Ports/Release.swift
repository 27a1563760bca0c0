/// A delivery that a worker gives back: nothing of it was sent, and no attempt is used up.
public struct Release: Sendable, Hashable {
    /// Why nothing was sent.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// The claim was too old, or the webhook was stopped meanwhile: another worker may have it at once.
        case notStarted
        /// The sender lacked resources of its own, for example a connection or its resolver: it waits a moment.
        case senderFault
    }

    /// The lease that ends.
    public let lease: Lease
    /// Why nothing was sent.
    public let cause: Cause

    /// Creates a release.
    ///
    /// - Parameters:
    ///   - lease: The lease that ends.
    ///   - cause: Why nothing was sent.
    public init(_ lease: Lease, _ cause: Cause = .notStarted) {
        self.lease = lease
        self.cause = cause
    }
}
