#if HTTPTransport
package import NIOCore
package import WebhookLimits

extension ConnectionPool {
    /// One endpoint: its validated addresses and its connections.
    struct Endpoint {
        let key: EndpointKey
        var addresses: [IPAddress] = []
        /// The address of the latest connection.
        private var preferred: IPAddress?
        var addressesExpireAt = NIODeadline.uptimeNanoseconds(0)
        /// The exchanges to this endpoint that have not ended.
        var exchangeCount = 0
        /// The idle connections; the last one was used most recently.
        var idle: [ConnectionID] = []
        /// The connections, including those that are being made.
        var connectionCount = 0

        init(_ key: EndpointKey) { self.key = key }

        /// Moves the address of a successful connection to the front, so that it is tried first the next time.
        mutating func prefer(_ address: IPAddress) {
            preferred = address
            guard let index = addresses.firstIndex(of: address), index > 0 else { return }
            addresses.insert(addresses.remove(at: index), at: 0)
        }

        mutating func resolved(_ addresses: [IPAddress], freshUntil: NIODeadline) {
            self.addresses = addresses
            if let preferred { prefer(preferred) }
            addressesExpireAt = freshUntil
        }

        func isUnused(_ now: NIODeadline) -> Bool {
            connectionCount == 0 && exchangeCount == 0 && addressesExpireAt <= now
        }
    }

    mutating func number(of key: EndpointKey) -> Int {
        if let number = numbers[key] { return number }
        let number = endpoints.firstIndex { $0 == nil } ?? endpoints.count
        if number == endpoints.count { endpoints.append(nil) }
        endpoints[number] = Endpoint(key)
        numbers[key] = number
        return number
    }

    mutating func remove(_ endpoint: Endpoint, _ number: Int) {
        endpoints[number] = nil
        numbers[endpoint.key] = nil
    }

    /// The addresses of an exchange's endpoint are known and validated.
    ///
    /// - Parameters:
    ///   - request: The exchange.
    ///   - addresses: The addresses, in the order in which to try them.
    ///   - freshUntil: When they must be looked up again.
    ///   - now: The current time.
    package mutating func resolved(
        _ request: Exchange, _ addresses: [IPAddress], freshUntil: NIODeadline, now: NIODeadline
    ) {
        endpoints[request.endpoint]?.resolved(addresses, freshUntil: freshUntil)
        // An idle connection is valid only while its address is.
        closeIdle(of: request.endpoint) { !addresses.contains($0.address) }
        assign(request, now)
    }

    /// The addresses of an exchange's endpoint cannot be found, or are not allowed; the owner aborts the exchange.
    ///
    /// - Parameters:
    ///   - request: The exchange.
    ///   - isSenderFault: Whether the failure says nothing about the endpoint.
    package mutating func resolveFailed(_ request: Exchange, isSenderFault: Bool) {
        if !isSenderFault { closeIdle(of: request.endpoint) { _ in true } }
    }

    func mayOpen(_ number: Int) -> Bool {
        (endpoints[number]?.connectionCount ?? .max) < maximumPerEndpoint
    }

    // MARK: - Idle connections

    /// The time before the announced close after which a connection is not reused, so that no request meets the close.
    private static let margin = TimeAmount.milliseconds(500)

    /// Keeps a free connection for later exchanges, unless there is too little room.
    ///
    /// - Parameters:
    ///   - id: The connection.
    ///   - announced: The time for which the server keeps it, if it has announced one.
    ///   - now: The current time.
    mutating func keep(_ id: ConnectionID, announced: TimeAmount?, _ now: NIODeadline) {
        guard budget.mayKeep, let endpoint = connections[id]?.endpoint else { return queue(.close(id)) }
        let time = min(idleTimeout, announced.map { $0 - Self.margin } ?? idleTimeout)
        guard time > .zero else { return queue(.close(id)) }
        let isCounted = connections[id]?.keep(until: now + time) ?? false
        endpoints[endpoint]?.idle.append(id)
        if isCounted { countedIdle.append(id) }
    }

    /// Removes and returns the most recently used connection, so that the others can expire.
    mutating func takeIdle(of number: Int, _ now: NIODeadline) -> ConnectionID? {
        while let id = endpoints[number]?.idle.popLast() {
            connections[id]?.isIdle = false
            if let idleUntil = connections[id]?.idleUntil, idleUntil > now { return id }
            queue(.close(id))
        }
        return nil
    }

    mutating func putBack(_ id: ConnectionID, of number: Int) {
        connections[id]?.isIdle = true
        endpoints[number]?.idle.append(id)
    }

    mutating func closeIdle(of number: Int, where isUnfit: (Connection) -> Bool) {
        guard let idle = endpoints[number]?.idle, !idle.isEmpty else { return }
        let unfit = idle.filter { connections[$0].map(isUnfit) ?? true }
        guard !unfit.isEmpty else { return }
        endpoints[number]?.idle.removeAll { unfit.contains($0) }
        for id in unfit {
            connections[id]?.isIdle = false
            queue(.close(id))
        }
    }

    /// Closes the oldest idle connection of some endpoint, to make room for another endpoint.
    mutating func closeOneIdle() {
        for number in endpoints.indices {
            guard let id = endpoints[number]?.idle.first else { continue }
            endpoints[number]?.idle.removeFirst()
            connections[id]?.isIdle = false
            return queue(.close(id))
        }
    }
}
#endif
