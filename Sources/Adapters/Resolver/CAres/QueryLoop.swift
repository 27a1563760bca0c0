#if HTTPTransport || AsyncHTTPClient
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import CLibCAres
internal import WebhookDelivery
internal import WebhookLimits

/// The loop that runs all queries on one thread: it waits for their sockets and timers, and resumes their tasks.
final class QueryLoop {
    private struct Entry {
        let request: QueryRequest
        var query: AddressQuery
        /// The number of servers that were skipped because they failed.
        var rotation: Int
        /// When the next timer is due.
        var due: ContinuousClock.Instant?
    }

    private let wakeUp: WakeUpPipe
    private var entries: [ObjectIdentifier: Entry] = [:]

    init(_ wakeUp: WakeUpPipe) { self.wakeUp = wakeUp }

    /// Runs forever.
    ///
    /// - Parameter takeCommands: Removes and returns the commands of other threads.
    func run(_ takeCommands: () -> [QueryThread.Command]) {
        _ = ares_library_init(ARES_LIB_INIT_ALL)
        while true {
            for command in takeCommands() {
                switch command {
                case .start(let request): start(request, rotation: 0)
                case .cancel(let ticket): cancel(ticket)
                }
            }
            waitOnce()
        }
    }

    private func start(_ request: QueryRequest, rotation: Int) {
        let id = ObjectIdentifier(request.ticket)
        guard !request.ticket.isCancelled else { return request.continuation.resume(throwing: CancellationError()) }
        do {
            let query = try AddressQuery(request.name, request.settings, rotation: rotation)
            entries[id] = Entry(request: request, query: query, rotation: rotation)
            // The hosts file answers immediately.
            advance(id)
        } catch { request.continuation.resume(throwing: error) }
    }

    private func cancel(_ ticket: QueryTicket) {
        // Destroys the query and its sockets before its task resumes.
        let request = entries.removeValue(forKey: ObjectIdentifier(ticket))?.request
        request?.continuation.resume(throwing: CancellationError())
    }

    private func waitOnce() {
        var descriptors = [pollfd(fd: wakeUp.reader, events: Int16(POLLIN), revents: 0)]
        var owners: [ObjectIdentifier] = []
        var due: ContinuousClock.Instant?
        for (id, entry) in entries {
            for (socket, events) in entry.query.sockets {
                descriptors.append(pollfd(fd: socket, events: events, revents: 0))
                owners.append(id)
            }
            if let own = entry.due { due = min(due ?? own, own) }
        }
        _ = unsafe poll(&descriptors, nfds_t(descriptors.count), due.map(Self.milliseconds) ?? -1)
        if descriptors[0].revents != 0 { wakeUp.clear() }
        // A socket may have been closed and its number reused by another query, so the owner is checked.
        for (descriptor, id) in zip(descriptors.dropFirst(), owners) where descriptor.revents != 0 {
            guard let query = entries[id]?.query, query.sockets[descriptor.fd] != nil else { continue }
            query.process(descriptor.fd, descriptor.revents)
            advance(id)
        }
        guard let due, due <= .now else { return }
        let now = ContinuousClock.now
        for (id, entry) in entries {
            guard let own = entry.due, own <= now else { continue }
            entry.query.process()
            advance(id)
        }
    }

    /// Answers a query that has ended; otherwise sets the query's next timer.
    private func advance(_ id: ObjectIdentifier) {
        guard let entry = entries[id] else { return }
        guard let answer = entry.query.answer else {
            entries[id]?.due = entry.query.timeoutMilliseconds.map { .now + .milliseconds(max(1, $0)) }
            return
        }
        entries[id] = nil
        if answer.status.concernsServer, entry.rotation + 1 < entry.query.serverCount {
            start(entry.request, rotation: entry.rotation + 1)
        } else {
            entry.request.continuation.resume(with: answer.addresses.mapError { $0 })
        }
    }

    /// Returns the timeout of `poll` for a due time, rounded up so that the timer is due when `poll` returns.
    private static func milliseconds(until due: ContinuousClock.Instant) -> Int32 {
        let (seconds, attoseconds) = (due - .now).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: max(0, milliseconds))
    }
}
#endif
