#if HTTPTransport
import NIOCore
import TaskFlowWebhooks
import Testing
import WebhookHTTPTransport
import WebhookTesting

/// The pool's decisions, without sockets: every step is an event, and the actions that follow.
@Suite("ConnectionPool")
struct ConnectionPoolTests {
    /// A pool, and what its owner would know.
    struct Harness {
        let budget: ConnectionBudget
        var pool: ConnectionPool
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        private var number = 0

        init(connections: Int = 8, perEndpoint: Int = 4) {
            budget = ConnectionBudget(connections)
            pool = ConnectionPool(budget: budget, maximumPerEndpoint: perEndpoint, idleTimeout: .seconds(30))
        }

        static func key(_ host: String) -> EndpointKey { EndpointKey(isSecure: true, host: host, port: 443) }
        static let address = IPAddress(v4: 0xC000_0201)

        var actions: [ConnectionPool.Action] {
            mutating get {
                var actions: [ConnectionPool.Action] = []
                while let action = pool.next() { actions.append(action) }
                return actions
            }
        }

        mutating func start(_ host: String = "a.example", account: AccountID? = nil, within: TimeAmount = .seconds(5))
            -> ConnectionPool.Exchange
        {
            number += 1
            return pool.start(
                number, to: Self.key(host), for: ConnectionHolder(account: account), deadline: now + within, now: now)
        }

        /// Starts an exchange to an endpoint whose addresses are found immediately, and returns the actions that follow.
        mutating func startResolved(
            _ host: String = "a.example", account: AccountID? = nil, within: TimeAmount = .seconds(5)
        ) -> (request: ConnectionPool.Exchange, actions: [ConnectionPool.Action]) {
            let request = start(host, account: account, within: within)
            let first = actions
            guard first == [.resolve(request)] else { return (request, first) }
            pool.resolved(request, [Self.address], freshUntil: now + .seconds(60), now: now)
            return (request, actions)
        }

        /// Starts an exchange that gets a new connection.
        mutating func open(_ host: String = "a.example", account: AccountID? = nil)
            -> (request: ConnectionPool.Exchange, connection: ConnectionPool.ConnectionID)
        {
            let (request, actions) = startResolved(host, account: account)
            #expect(actions == [.connect(request, [Self.address])])
            return (request, pool.connected(request, to: Self.address))
        }

        /// Ends an exchange with a response, after which its connection is free.
        mutating func succeed(
            _ exchange: (request: ConnectionPool.Exchange, connection: ConnectionPool.ConnectionID),
            announced: TimeAmount? = nil
        ) -> [ConnectionPool.Action] {
            pool.ended(exchange.request)
            pool.freed(exchange.connection, announced: announced, now: now)
            return actions
        }
    }

    var harness = Harness()

    @Test("The first exchange resolves, connects and sends; the next one reuses the connection")
    mutating func reuse() {
        let first = harness.open()
        #expect(harness.succeed(first) == [])
        let second = harness.start()
        #expect(harness.actions == [.send(second, first.connection)])
    }

    @Test("The most recently used of several idle connections is reused")
    mutating func latest() {
        let (one, two) = (harness.open(), harness.open())
        #expect(harness.succeed(one) == [] && harness.succeed(two) == [])
        let next = harness.start()
        #expect(harness.actions == [.send(next, two.connection)])
    }

    @Test("A kept connection that the server has closed is replaced, by another kept one or by a new one")
    mutating func stale() {
        let (one, two) = (harness.open(), harness.open())
        _ = (harness.succeed(one), harness.succeed(two))
        let next = harness.start()
        #expect(harness.actions == [.send(next, two.connection)])
        harness.pool.sendFailed(next, over: two.connection, now: harness.now)
        #expect(harness.actions == [.send(next, one.connection)])
        harness.pool.sendFailed(next, over: one.connection, now: harness.now)
        #expect(harness.actions == [.connect(next, [Harness.address])])
        harness.pool.closed(two.connection, now: harness.now)
        harness.pool.closed(one.connection, now: harness.now)
        #expect(harness.actions == [])
    }

    @Test("An idle connection is closed after the idle timeout, or before the time that the server has announced")
    mutating func idleTimes() {
        let (short, long) = (harness.open(), harness.open())
        _ = (harness.succeed(short, announced: .seconds(5)), harness.succeed(long))
        harness.now = harness.now + .milliseconds(4600)
        harness.pool.sweep(now: harness.now)
        #expect(harness.actions == [.close(short.connection)])
        harness.now = harness.now + .seconds(30)
        harness.pool.sweep(now: harness.now)
        #expect(harness.actions == [.close(long.connection)])
        let unkept = harness.open("b.example")
        #expect(harness.succeed(unkept, announced: .zero) == [.close(unkept.connection)])
    }

    @Test("An idle connection is not used after its address has left the answer")
    mutating func movedAddress() {
        let first = harness.open()
        _ = harness.succeed(first)
        harness.now = harness.now + .seconds(61)
        let next = harness.start()
        #expect(harness.actions == [.resolve(next)])
        let other = IPAddress(v4: 0xC000_0202)
        harness.pool.resolved(next, [other], freshUntil: harness.now + .seconds(60), now: harness.now)
        #expect(harness.actions == [.close(first.connection), .connect(next, [other])])
    }

    @Test("A failed look-up closes idle connections, unless it is a fault of the sender", arguments: [false, true])
    mutating func failedLookUp(isSenderFault: Bool) {
        let first = harness.open()
        _ = harness.succeed(first)
        harness.now = harness.now + .seconds(29)
        let next = harness.start()
        #expect(harness.actions == [.send(next, first.connection)])
        _ = harness.succeed((next, first.connection))
        harness.pool.resolveFailed(next, isSenderFault: isSenderFault)
        #expect(harness.actions == (isSenderFault ? [] : [.close(first.connection)]))
    }

    @Test("The endpoint's limit makes further exchanges wait, and the oldest gets the next free connection")
    mutating func endpointLimit() {
        harness = Harness(connections: 100, perEndpoint: 2)
        let (one, two) = (harness.open(), harness.open())
        let (third, waits) = harness.startResolved()
        #expect(waits == [.wait(third)])
        let (fourth, _) = harness.startResolved()
        #expect(harness.succeed(two) == [.send(third, two.connection)])
        harness.pool.ended(one.request)
        harness.pool.closed(one.connection, now: harness.now)
        #expect(harness.actions == [.connect(fourth, [Harness.address])])
    }

    @Test("An exhausted pool closes an idle connection of another endpoint to make room")
    mutating func exhaustion() {
        harness = Harness(connections: 1)
        let first = harness.open("a.example")
        // With one connection there is no reserve, so it is kept.
        #expect(harness.succeed(first) == [])
        let (next, actions) = harness.startResolved("b.example")
        #expect(actions == [.wait(next), .close(first.connection)])
        harness.pool.closed(first.connection, now: harness.now)
        #expect(harness.actions == [.connect(next, [Harness.address])])
    }

    @Test("When the pool is exhausted, a freed connection is closed for an exchange to another endpoint")
    mutating func roomForOthers() {
        harness = Harness(connections: 1)
        let first = harness.open("a.example")
        let (next, actions) = harness.startResolved("b.example")
        #expect(actions == [.wait(next)])
        #expect(harness.succeed(first) == [.close(first.connection)])
        harness.pool.closed(first.connection, now: harness.now)
        #expect(harness.actions == [.connect(next, [Harness.address])])
    }

    @Test("An account at its share waits, and does not block another account")
    mutating func shares() {
        harness = Harness(connections: 8, perEndpoint: 8)
        var greedy: [(request: ConnectionPool.Exchange, connection: ConnectionPool.ConnectionID)] = []
        var waiting: ConnectionPool.Exchange?
        while waiting == nil {
            let (request, actions) = harness.startResolved("a.example", account: "acc_greedy")
            if actions == [.wait(request)] {
                waiting = request
            } else {
                greedy.append((request, harness.pool.connected(request, to: Harness.address)))
            }
        }
        #expect(greedy.count < 8)
        let other = harness.startResolved("b.example", account: "acc_other")
        #expect(other.actions == [.connect(other.request, [Harness.address])])
        // As soon as the account is below its share again, the exchange that waits gets the freed connection.
        var sent = false
        for exchange in greedy where !sent {
            let expected = waiting.map { ConnectionPool.Action.send($0, exchange.connection) }
            sent = harness.succeed(exchange).first == expected
        }
        #expect(sent)
    }

    @Test("An exchange whose deadline passed while it waited is timed out instead of served")
    mutating func deadline() {
        harness = Harness(connections: 100, perEndpoint: 1)
        let first = harness.open()
        let (late, _) = harness.startResolved(within: .seconds(1))
        let (next, _) = harness.startResolved(within: .seconds(60))
        harness.now = harness.now + .seconds(2)
        harness.pool.ended(first.request)
        harness.pool.closed(first.connection, now: harness.now)
        #expect(harness.actions == [.timeOut(late), .connect(next, [Harness.address])])
    }

    @Test("A cancelled exchange that waits gets nothing")
    mutating func cancelled() {
        harness = Harness(connections: 100, perEndpoint: 1)
        let first = harness.open()
        let (cancelled, _) = harness.startResolved()
        let (next, _) = harness.startResolved()
        harness.pool.ended(cancelled)
        #expect(harness.succeed(first) == [.send(next, first.connection)])
    }

    @Test("A failed attempt frees its room for the next exchange; a concurrent attempt needs room")
    mutating func attempts() {
        harness = Harness(connections: 100, perEndpoint: 2)
        let (one, _) = harness.startResolved()
        let reserved = [harness.pool.reserve(one), harness.pool.reserve(one)]
        #expect(reserved == [true, false])
        let (next, waits) = harness.startResolved()
        #expect(waits == [.wait(next)])
        harness.pool.unreserve(one, now: harness.now)
        #expect(harness.actions == [.connect(next, [Harness.address])])
    }

    @Test("The address that worked is tried first the next time")
    mutating func preferred() {
        let addresses = [IPAddress(v4: 0xC000_0201), IPAddress(v4: 0xC000_0202)]
        let first = harness.start()
        #expect(harness.actions == [.resolve(first)])
        harness.pool.resolved(first, addresses, freshUntil: harness.now + .seconds(60), now: harness.now)
        #expect(harness.actions == [.connect(first, addresses)])
        _ = harness.pool.connected(first, to: addresses[1])
        let next = harness.start()
        #expect(harness.actions == [.connect(next, [addresses[1], addresses[0]])])
    }

    @Test("Endpoints without exchanges and connections are forgotten when their addresses have expired")
    mutating func unused() {
        let first = harness.open()
        #expect(harness.succeed(first, announced: .zero) == [.close(first.connection)])
        harness.pool.closed(first.connection, now: harness.now)
        harness.pool.sweep(now: harness.now)
        #expect(!harness.pool.isEmpty)
        harness.now = harness.now + .seconds(61)
        harness.pool.sweep(now: harness.now)
        #expect(harness.pool.isEmpty)
    }

    @Test("Random events never exceed a limit, lose an exchange or keep room", arguments: 0..<200 as Range<UInt64>)
    func random(seed: UInt64) {
        var world = RandomWorld(seed: seed)
        for _ in 0..<400 { world.step() }
        world.finish()
        #expect(world.faults == [], "seed \(seed)")
    }
}

/// An owner that performs the actions in random order with random results, and checks the limits.
private struct RandomWorld {
    typealias Exchange = (request: ConnectionPool.Exchange, connection: ConnectionPool.ConnectionID?)

    static let (connections, perEndpoint) = (6, 3)
    var harness = ConnectionPoolTests.Harness(connections: connections, perEndpoint: perEndpoint)
    var random: SeededRandomSource
    var resolving: [ConnectionPool.Exchange] = []
    var connecting: [ConnectionPool.Exchange] = []
    var sending: [Exchange] = []
    var waiting: Set<Int> = []
    var closing: [ConnectionPool.ConnectionID] = []
    /// The connections that exist, by endpoint.
    var open: [ConnectionPool.ConnectionID: String] = [:]
    var hosts: [Int: String] = [:]
    var started = 0
    var ended = 0
    var faults: [String] = []

    init(seed: UInt64) { random = SeededRandomSource(seed: seed) }

    func draw(_ count: Int) -> Int { Int(random.next() % UInt64(max(1, count))) }

    mutating func perform() {
        for action in harness.actions {
            switch action {
            case .resolve(let request):
                waiting.remove(request.id)
                resolving.append(request)
            case .connect(let request, let addresses):
                waiting.remove(request.id)
                if addresses.isEmpty { faults.append("no address") }
                connecting.append(request)
            case .send(let request, let id):
                waiting.remove(request.id)
                if open[id] != hosts[request.id] { faults.append("sent to another endpoint") }
                if sending.contains(where: { $0.connection == id }) { faults.append("two exchanges on one connection") }
                if closing.contains(id) { faults.append("sent over a closing connection") }
                sending.append((request, id))
            case .wait(let request): waiting.insert(request.id)
            case .timeOut(let request):
                waiting.remove(request.id)
                end(request)
            case .close(let id):
                if sending.contains(where: { $0.connection == id }) { faults.append("closed in use") }
                closing.append(id)
            }
        }
        let rooms = Dictionary(grouping: open.values.map { $0 } + connecting.compactMap { hosts[$0.id] }) { $0 }
        if rooms.values.contains(where: { $0.count > Self.perEndpoint }) { faults.append("too many for an endpoint") }
        if open.count + connecting.count > Self.connections { faults.append("too many connections") }
    }

    mutating func end(_ request: ConnectionPool.Exchange) {
        harness.pool.ended(request)
        ended += 1
    }

    mutating func step() {
        harness.now = harness.now + .milliseconds(Int64(draw(400)))
        switch draw(9) {
        case 0, 1, 2:
            let host = ["a.example", "b.example", "c.example"][draw(3)]
            started += 1
            hosts[started] = host
            _ = harness.start(
                host, account: AccountID(unchecked: "acc_\(draw(3))"), within: .milliseconds(Int64(draw(3000))))
        case 3 where !resolving.isEmpty:
            let request = resolving.remove(at: draw(resolving.count))
            if draw(5) == 0 {
                harness.pool.resolveFailed(request, isSenderFault: draw(2) == 0)
                end(request)
            } else {
                harness.pool.resolved(
                    request, [ConnectionPoolTests.Harness.address],
                    freshUntil: harness.now + .milliseconds(Int64(draw(9000))), now: harness.now)
            }
        case 4 where !connecting.isEmpty:
            let request = connecting.remove(at: draw(connecting.count))
            if draw(4) == 0 {
                end(request)
                harness.pool.unreserve(request, now: harness.now)
            } else {
                let id = harness.pool.connected(request, to: ConnectionPoolTests.Harness.address)
                open[id] = hosts[request.id]
                sending.append((request, id))
            }
        case 5,
            6 where !sending.isEmpty:
            guard !sending.isEmpty else { break }
            let exchange = sending.remove(at: draw(sending.count))
            guard let id = exchange.connection else { break }
            if draw(6) == 0 {
                closing.append(id)
                harness.pool.sendFailed(exchange.request, over: id, now: harness.now)
            } else {
                end(exchange.request)
                harness.pool.freed(id, announced: draw(3) == 0 ? .seconds(Int64(draw(4))) : nil, now: harness.now)
            }
        case 7 where !closing.isEmpty: close(closing.remove(at: draw(closing.count)))
        default: harness.pool.sweep(now: harness.now)
        }
        perform()
    }

    private mutating func close(_ id: ConnectionPool.ConnectionID) {
        open[id] = nil
        closing.removeAll { $0 == id }
        harness.pool.closed(id, now: harness.now)
    }

    /// Lets everything end: nothing may be left.
    mutating func finish() {
        for _ in 0..<10_000 where ended < started || !open.isEmpty {
            harness.now = harness.now + .milliseconds(100)
            if let request = resolving.popLast() {
                harness.pool.resolved(
                    request, [ConnectionPoolTests.Harness.address], freshUntil: harness.now + .seconds(1),
                    now: harness.now)
            } else if let request = connecting.popLast() {
                let id = harness.pool.connected(request, to: ConnectionPoolTests.Harness.address)
                open[id] = hosts[request.id]
                sending.append((request, id))
            } else if let exchange = sending.popLast(), let id = exchange.connection {
                end(exchange.request)
                harness.pool.freed(id, announced: nil, now: harness.now)
            } else if let id = closing.popLast() {
                close(id)
            } else {
                harness.now = harness.now + .seconds(31)
                harness.pool.sweep(now: harness.now)
            }
            perform()
        }
        if ended != started {
            faults.append("\(started - ended) exchanges did not end; waiting: \(harness.pool.waitingExchanges)")
        }
        harness.now = harness.now + .seconds(61)
        harness.pool.sweep(now: harness.now)
        if !harness.pool.isEmpty { faults.append("an endpoint was not forgotten") }
        var room = 0
        while room < 100, harness.budget.open(for: ConnectionHolder(account: AccountID(unchecked: "acc_\(room + 10)")))
        { room += 1 }
        if room != Self.connections { faults.append("room for \(room) connections is left") }
    }
}
#endif
