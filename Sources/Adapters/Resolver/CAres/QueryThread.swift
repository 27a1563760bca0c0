#if HTTPTransport || AsyncHTTPClient
internal import NIOPosix
internal import Synchronization
internal import WebhookDelivery
internal import WebhookLimits

/// The identity of one query; it stores a cancellation that may precede the start of the query.
final class QueryTicket: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}

/// A query that is passed to the thread.
struct QueryRequest: Sendable {
    let ticket: QueryTicket
    let name: String
    let settings: NameServerSettings
    let continuation: CheckedContinuation<[IPAddress], any Error>
}

/// The thread that serves all queries of the process.
final class QueryThread: Sendable {
    /// A command from another thread.
    enum Command: Sendable {
        case start(QueryRequest)
        case cancel(QueryTicket)
    }

    private static let current = Mutex<QueryThread?>(nil)

    private let commands = Mutex<[Command]>([])
    private let wakeUp: WakeUpPipe
    private let pool = NIOThreadPool(numberOfThreads: 1)

    /// Returns the process's thread; the first query starts it, and it sleeps while there are no queries.
    ///
    /// - Throws: `TransportError` if this machine has no free file descriptor; the next query tries again.
    static func running() throws(TransportError) -> QueryThread {
        let running: Result<QueryThread, TransportError> = current.withLock { current in
            if let current { return .success(current) }
            guard let wakeUp = WakeUpPipe() else {
                return .failure(.unusable("no file descriptor is free; increase the limit on open files"))
            }
            let thread = QueryThread(wakeUp)
            current = thread
            return .success(thread)
        }
        return try running.get()
    }

    private init(_ wakeUp: WakeUpPipe) {
        self.wakeUp = wakeUp
        pool.start()
        pool.submit { _ in QueryLoop(wakeUp).run { self.takeCommands() } }
    }

    func start(_ request: QueryRequest) { post(.start(request)) }

    func cancel(_ ticket: QueryTicket) { post(.cancel(ticket)) }

    private func post(_ command: Command) {
        let isFirst = commands.withLock { commands in
            commands.append(command)
            return commands.count == 1
        }
        if isFirst { wakeUp.signal() }
    }

    private func takeCommands() -> [Command] {
        commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}
#endif
