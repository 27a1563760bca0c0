#if HTTPTransport || AsyncHTTPClient
internal import Synchronization
package import WebhookDelivery
package import WebhookEvents
internal import WebhookLimits
internal import WebhookRetries

/// The limits on look-ups, and the lifetime of an answer.
package struct LookupLimits: Sendable {
    /// The maximum number of look-ups in flight, half for names that resolved recently and half for all others.
    package var inFlight = 256
    /// The maximum number of requests that wait for a slot.
    package var waiting = 4096
    /// How long an answer is used without another look-up.
    package var answerLifetime = Duration.seconds(30)

    package init() {}
}

/// The look-ups of one transport: limited, shared fairly, and cancelled when no request needs them.
///
/// ``LookupTable`` makes the decisions; this class runs the resolver's tasks and calls the callbacks.
package final class LookupRunner: Sendable {
    /// A function that receives the answer to a request; called once, on any thread.
    package typealias Callback = @Sendable (Result<LookupAnswer, TransportError>) -> Void

    /// The identity of a request.
    package struct Ticket: Sendable, Hashable {
        fileprivate let id: UInt64
    }

    private struct State {
        var table: LookupTable
        var lastID: UInt64 = 0
        var callbacks: [UInt64: Callback] = [:]
        /// The look-ups in flight and their timers, by name.
        var tasks: [String: [Task<Void, Never>]] = [:]
    }

    private let resolver: any HostResolver
    private let state: Mutex<State>

    /// Creates a transport's look-ups.
    ///
    /// - Parameters:
    ///   - resolver: The resolver.
    ///   - limits: The limits on look-ups.
    package init(_ resolver: any HostResolver, _ limits: LookupLimits = LookupLimits()) {
        self.resolver = resolver
        self.state = Mutex(State(table: LookupTable(limits)))
    }

    /// Requests the addresses of a name.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - account: The account of the request.
    ///   - callback: Receives the answer.
    /// - Returns: The ticket to end the request with.
    package func ask(_ name: String, for account: AccountID?, _ callback: @escaping Callback) -> Ticket {
        let id = state.withLock { state in
            state.lastID &+= 1
            state.callbacks[state.lastID] = callback
            return state.lastID
        }
        update { $0.ask(id, name, account, .now) }
        return Ticket(id: id)
    }

    /// Ends a request that is no longer needed; the look-up is cancelled with its last request.
    ///
    /// - Parameter ticket: The request.
    package func cancel(_ ticket: Ticket) { update { $0.cancel(ticket.id, .now) } }

    /// Ends a request whose deadline has passed.
    ///
    /// The request fails with `dnsTimeout` if the name was not answered, and with `resolverUnavailable` if the request
    /// was waiting for a slot.
    ///
    /// - Parameter ticket: The request.
    package func expire(_ ticket: Ticket) { update { $0.expire(ticket.id, .now) } }

    /// Updates the table, and cancels tasks and calls callbacks outside the lock.
    private func update(_ change: (inout LookupTable) -> [LookupTable.Effect]) {
        var cancelled: [Task<Void, Never>] = []
        var answers: [(Callback, Result<LookupAnswer, TransportError>)] = []
        state.withLock { state in
            for effect in change(&state.table) {
                switch effect {
                case .start(let name, let number, let hasStale):
                    state.tasks[name] = tasks(name, number, hasStale)
                case .cancel(let name): cancelled += state.tasks[name] ?? []
                case .answer(let id, let result):
                    if let callback = state.callbacks.removeValue(forKey: id) { answers.append((callback, result)) }
                }
            }
        }
        for task in cancelled { task.cancel() }
        for (callback, result) in answers { callback(result) }
    }

    private func tasks(_ name: String, _ number: UInt64, _ hasStale: Bool) -> [Task<Void, Never>] {
        let lookup = Task { ended(name, await self.lookup(name)) }
        guard hasStale else { return [lookup] }
        let timer = Task {
            guard (try? await ContinuousClock().sleep(for: LookupTable.lockTimeout)) != nil else { return }
            update { $0.late(name, number, .now) }
        }
        return [lookup, timer]
    }

    private func lookup(_ name: String) async -> Result<[IPAddress], TransportError>? {
        do { return .success(try await resolver.addresses(of: name)) } catch {
            if Task.isCancelled { return nil }
            return .failure(
                error as? TransportError ?? TransportError(.dnsFailure, "The name look-up failed: \(type(of: error))"))
        }
    }

    private func ended(_ name: String, _ result: Result<[IPAddress], TransportError>?) {
        let timers = state.withLock { $0.tasks.removeValue(forKey: name)?.dropFirst() ?? [] }
        for timer in timers { timer.cancel() }
        update { $0.ended(name, result, .now) }
    }
}
#endif
