/// The return of an unsent delivery to the store, which uses up no attempt.
public struct Release: Sendable, Hashable {
    /// The reason why the delivery was not sent.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// The claim was too old, or the webhook was stopped; another worker may claim the delivery immediately.
        case notStarted
        /// The sender lacked resources, such as a connection or a working resolver; the delivery waits briefly.
        case senderFault
    }

    /// The lease to end.
    public let lease: Lease
    /// The reason why the delivery was not sent.
    public let cause: Cause

    /// Creates a release.
    ///
    /// - Parameters:
    ///   - lease: The lease to end.
    ///   - cause: The reason why the delivery was not sent.
    public init(_ lease: Lease, _ cause: Cause = .notStarted) {
        self.lease = lease
        self.cause = cause
    }
}
