/// A store that signals work created by other processes, so that a dispatcher need not wait for its next poll.
public protocol SignallingStore: WebhookStore {
    /// Listens for signals until the task is cancelled.
    ///
    /// - Parameter wake: Called whenever a delivery from another process may be due, and whenever a signal may have
    ///   been missed, for example after a connection broke.
    func listen(_ wake: @escaping @Sendable () -> Void) async
}
