#if HTTPTransport
package import NIOCore
package import WebhookLimits

/// The connections of one event loop: decides which exchange connects, waits, gets a connection, or times out.
///
/// A value without I/O. Each event changes the state and queues actions; the owner performs them in the order in which
/// ``next()`` returns them. The state is consistent after every event, so an action may cause further events while it is
/// performed. Only the budget is shared with other threads.
///
/// - `ConnectionPool+Assigning.swift`: a connection for an exchange, and an exchange for a free connection.
/// - `ConnectionPool+Endpoints.swift`: the addresses and the idle connections of an endpoint.
package struct ConnectionPool {
    /// What the owner must do.
    package enum Action: Equatable, Sendable {
        /// Resolve the host name of the exchange's endpoint, and report ``ConnectionPool/resolved(_:_:freshUntil:now:)``.
        case resolve(Exchange)
        /// Make a connection to one of the addresses, and report ``ConnectionPool/connected(_:to:)`` or
        /// ``ConnectionPool/unreserve(_:now:)``.
        case connect(Exchange, [IPAddress])
        /// Send the exchange over the connection, or report ``ConnectionPool/sendFailed(_:over:now:)``.
        case send(Exchange, ConnectionID)
        /// The exchange waits for a connection.
        case wait(Exchange)
        /// Abort the exchange, whose deadline passed while it waited.
        case timeOut(Exchange)
        /// Close the connection.
        case close(ConnectionID)
    }

    /// The number of an exchange, which is not reused.
    package typealias ExchangeID = Int
    /// The number of a connection; it is reused after ``ConnectionPool/closed(_:now:)``.
    package typealias ConnectionID = Int

    /// An exchange, as the pool knows it.
    package struct Exchange: Equatable, Sendable {
        package let id: ExchangeID
        /// The number of its endpoint.
        let endpoint: Int
        /// The account that its connection counts for.
        let holder: ConnectionHolder
        let deadline: NIODeadline
    }

    struct Connection {
        let endpoint: Int
        let address: IPAddress
        /// The account that the connection counts for; `nil` soon after it becomes idle.
        var holder: ConnectionHolder?
        var isIdle = false
        /// Whether it is in ``ConnectionPool/countedIdle``.
        var isCountedIdle = false
        /// When the idle connection becomes too old for another request.
        var idleUntil = NIODeadline.uptimeNanoseconds(0)

        /// Marks the connection as idle.
        ///
        /// - Returns: Whether it now has to be listed as still counting for an account.
        mutating func keep(until time: NIODeadline) -> Bool {
            (idleUntil, isIdle) = (time, true)
            guard holder != nil, !isCountedIdle else { return false }
            isCountedIdle = true
            return true
        }
    }

    let budget: ConnectionBudget
    let maximumPerEndpoint: Int
    let idleTimeout: TimeAmount
    var endpoints: [Endpoint?] = []
    var numbers: [EndpointKey: Int] = [:]
    var connections: [Connection?] = []
    private var freeNumbers: [ConnectionID] = []
    /// Exchanges that wait for a connection, oldest first.
    var waiting: [Exchange] = []
    /// Idle connections that still count for the account whose request they carried last.
    ///
    /// Usually a request of the same account reuses them immediately, which then needs no lock.
    var countedIdle: [ConnectionID] = []
    private var actions: [Action] = []
    private var performed = 0

    /// Creates an empty pool.
    ///
    /// - Parameters:
    ///   - budget: The connections of all event loops.
    ///   - maximumPerEndpoint: The most connections to one endpoint.
    ///   - idleTimeout: How long an idle connection is kept.
    package init(budget: ConnectionBudget, maximumPerEndpoint: Int, idleTimeout: TimeAmount) {
        self.budget = budget
        self.maximumPerEndpoint = max(1, maximumPerEndpoint)
        self.idleTimeout = idleTimeout
    }

    /// Returns the next action; `nil` if there is nothing to do.
    package mutating func next() -> Action? {
        guard performed < actions.count else {
            actions.removeAll(keepingCapacity: true)
            performed = 0
            return nil
        }
        defer { performed += 1 }
        return actions[performed]
    }

    mutating func queue(_ action: Action) { actions.append(action) }

    /// Whether no endpoint is known.
    package var isEmpty: Bool { numbers.isEmpty }

    /// The exchanges that wait, oldest first.
    package var waitingExchanges: [ExchangeID] { waiting.map(\.id) }

    // MARK: - Exchanges

    /// Starts an exchange.
    ///
    /// - Parameters:
    ///   - id: Its number.
    ///   - key: Its endpoint.
    ///   - holder: The account that its connection counts for.
    ///   - deadline: When it must not start any more.
    ///   - now: The current time.
    /// - Returns: The exchange, to be passed to the other events.
    package mutating func start(
        _ id: ExchangeID, to key: EndpointKey, for holder: ConnectionHolder, deadline: NIODeadline, now: NIODeadline
    ) -> Exchange {
        let request = Exchange(id: id, endpoint: number(of: key), holder: holder, deadline: deadline)
        endpoints[request.endpoint]?.exchangeCount += 1
        prepare(request, now)
        return request
    }

    /// Ends an exchange, with whatever outcome, or because it was cancelled.
    ///
    /// - Parameters:
    ///   - request: The exchange.
    ///   - isWaiting: Whether it may be waiting for a connection.
    package mutating func ended(_ request: Exchange, isWaiting: Bool = true) {
        endpoints[request.endpoint]?.exchangeCount -= 1
        if isWaiting, !waiting.isEmpty { waiting.removeAll { $0.id == request.id } }
    }

    /// Assigns a connection, after a look-up if the addresses have expired.
    mutating func prepare(_ request: Exchange, _ now: NIODeadline) {
        guard let expireAt = endpoints[request.endpoint]?.addressesExpireAt else { return }
        if expireAt > now { assign(request, now) } else { queue(.resolve(request)) }
    }

    // MARK: - Connections

    /// A connection for the exchange is established, in the room that was reserved for it.
    ///
    /// - Returns: The number of the connection, over which the exchange is to be sent.
    package mutating func connected(_ request: Exchange, to address: IPAddress) -> ConnectionID {
        endpoints[request.endpoint]?.prefer(address)
        let connection = Connection(endpoint: request.endpoint, address: address, holder: request.holder)
        if let number = freeNumbers.popLast() {
            connections[number] = connection
            return number
        }
        connections.append(connection)
        return connections.count - 1
    }

    /// A connection is closed, by either side; its room is free.
    package mutating func closed(_ id: ConnectionID, now: NIODeadline) {
        guard let connection = connections[id] else { return }
        connections[id] = nil
        freeNumbers.append(id)
        endpoints[connection.endpoint]?.idle.removeAll { $0 == id }
        if connection.isCountedIdle { countedIdle.removeAll { $0 == id } }
        free(connection.endpoint, connection.holder, now)
    }

    /// Reserves room for another connection for the exchange, to try a second address concurrently.
    package mutating func reserve(_ request: Exchange) -> Bool {
        guard mayOpen(request.endpoint), budget.open(for: request.holder) else { return false }
        endpoints[request.endpoint]?.connectionCount += 1
        return true
    }

    /// An attempt to make a connection has ended without one; its room is free.
    package mutating func unreserve(_ request: Exchange, now: NIODeadline) {
        free(request.endpoint, request.holder, now)
    }

    private mutating func free(_ endpoint: Int, _ holder: ConnectionHolder?, _ now: NIODeadline) {
        endpoints[endpoint]?.connectionCount -= 1
        budget.closed(holder)
        serveWaiting(now)
    }

    /// Closes expired idle connections, serves waiting exchanges, and removes unused endpoints.
    ///
    /// - Parameter now: The current time.
    package mutating func sweep(now: NIODeadline) {
        releaseIdle()
        // Closed connections of other threads may have made room.
        serveWaiting(now)
        for number in endpoints.indices where endpoints[number] != nil {
            closeIdle(of: number) { $0.idleUntil <= now }
            if let endpoint = endpoints[number], endpoint.isUnused(now) { remove(endpoint, number) }
        }
    }
}
#endif
