/// A store that can tell of work which another process has made: then it is found at once instead of at the next poll.
public protocol SignallingStore: WebhookStore {
    /// Listens until the task is cancelled.
    ///
    /// - Parameter wake: Called whenever something may be due that this process did not make; also when something may have
    ///   been missed, for example because a connection broke.
    func listen(_ wake: @escaping @Sendable () -> Void) async
}
