internal import Synchronization

/// Passes notifications to the observer and the subscribers, without ever waiting for them.
///
/// While the dispatcher runs, a separate task reads notifications from a bounded buffer and calls the observer. When
/// the buffer is full, further notifications are counted and dropped. Without a running dispatcher, the observer is
/// called directly.
final class Observation: Sendable {
    private struct State {
        var relay: AsyncStream<DeliveryNotification>.Continuation?
        var subscribers: [Int: AsyncStream<DeliveryNotification>.Continuation] = [:]
        var nextSubscriber = 0
        var notificationsDropped = 0
    }

    /// How many notifications may wait for a slow observer.
    static let bufferSize = 10_000

    private let observer: (any DeliveryObserver)?
    private let state = Mutex(State())

    init(_ observer: (any DeliveryObserver)?) { self.observer = observer }

    /// Passes a notification to the observer and all subscribers.
    func report(_ occurrence: @autoclosure () -> DeliveryNotification) {
        let isDirect = state.withLock { state in
            guard observer != nil || !state.subscribers.isEmpty else { return false }
            let occurrence = occurrence()
            for subscriber in state.subscribers.values { subscriber.yield(occurrence) }
            guard observer != nil else { return false }
            guard let relay = state.relay else { return true }
            if case .dropped = relay.yield(occurrence) { state.notificationsDropped += 1 }
            return false
        }
        if isDirect { observer?.observe(occurrence()) }
    }

    /// Starts buffering.
    ///
    /// - Returns: The notifications for the observer, or `nil` if there is no observer.
    func begin() -> AsyncStream<DeliveryNotification>? {
        guard observer != nil else { return nil }
        let (stream, continuation) = AsyncStream.makeStream(
            of: DeliveryNotification.self, bufferingPolicy: .bufferingOldest(Self.bufferSize))
        state.withLock { $0.relay = continuation }
        return stream
    }

    /// Passes buffered notifications to the observer until ``end()``.
    func relay(_ stream: AsyncStream<DeliveryNotification>) async {
        for await occurrence in stream {
            observer?.observe(occurrence)
            let notificationsDropped = state.withLock { state in
                defer { state.notificationsDropped = 0 }
                return state.notificationsDropped
            }
            if notificationsDropped > 0 { observer?.observe(.notificationsDropped(notificationsDropped)) }
        }
    }

    /// Ends the buffer and the subscriptions; buffered notifications are still delivered.
    func end() {
        let (relay, subscribers) = state.withLock { state in
            defer { (state.relay, state.subscribers) = (nil, [:]) }
            return (state.relay, state.subscribers)
        }
        relay?.finish()
        for subscriber in subscribers.values { subscriber.finish() }
    }

    /// Adds a subscriber, and returns its notifications.
    func subscribe(buffering count: Int) -> AsyncStream<DeliveryNotification> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: DeliveryNotification.self, bufferingPolicy: .bufferingNewest(count))
        let id = state.withLock { state in
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            return state.nextSubscriber
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.subscribers[id] = nil }
        }
        return stream
    }
}
