#if PostgreSQL
internal import Dispatch
internal import WebhookDelivery

/// Listens on a separate connection; everything except starting and stopping runs on its queue.
final class PostgresListener: @unchecked Sendable {
    // Unchecked because the mutable state is confined to `queue`.
    private static let (shortestBackOff, longestBackOff) = (0.1, 5.0)

    private let configuration: PostgresConfiguration
    private let wake: @Sendable () -> Void
    private let queue = DispatchQueue(label: "taskflow.webhooks.postgres.listener")
    private var connection: PostgresConnection?
    private var source: (any DispatchSourceRead)?
    private var backOff = shortestBackOff
    private var ended: CheckedContinuation<Void, Never>?
    private var isEnded = false

    init(_ configuration: PostgresConfiguration, wake: @escaping @Sendable () -> Void) {
        self.configuration = configuration
        self.wake = wake
    }

    /// Listens until the task is cancelled.
    func run() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [self] in
                    if isEnded { return continuation.resume() }
                    ended = continuation
                    connect()
                }
            }
        } onCancel: {
            queue.async { [self] in
                isEnded = true
                close()
                ended?.resume()
                ended = nil
            }
        }
    }

    private func connect() {
        guard !isEnded else { return }
        do {
            let connection = try PostgresConnection(configuration)
            connection.deadline = ContinuousClock.now + configuration.callTimeout
            _ = try connection.run([PostgresStatement("LISTEN \(configuration.schema)")])
            let source = DispatchSource.makeReadSource(fileDescriptor: connection.socket, queue: queue)
            source.setEventHandler { [weak self] in self?.receive() }
            source.resume()
            (self.connection, self.source, backOff) = (connection, source, Self.shortestBackOff)
            // Events may have been published before the listener was ready.
            wake()
        } catch {
            retry()
        }
    }

    private func receive() {
        guard let connection else { return }
        do {
            if try connection.takeNotifications() { wake() }
        } catch {
            close()
            wake()
            retry()
        }
    }

    private func retry() {
        let wait = backOff
        backOff = min(backOff * 2, Self.longestBackOff)
        queue.asyncAfter(deadline: .now() + wait) { [weak self] in self?.connect() }
    }

    private func close() {
        // The socket is closed only after its dispatch source is cancelled.
        let connection = connection
        source?.setCancelHandler { _ = connection }
        source?.cancel()
        (self.source, self.connection) = (nil, nil)
    }
}

extension PostgresStore {
    /// Listens for events that other processes publish; does nothing when connections go through a transaction pooler.
    public func listen(_ wake: @escaping @Sendable () -> Void) async {
        guard !configuration.usesTransactionPooler else { return }
        await PostgresListener(configuration, wake: wake).run()
    }
}
#endif
