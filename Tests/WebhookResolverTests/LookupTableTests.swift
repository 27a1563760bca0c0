#if HTTPTransport || AsyncHTTPClient
import TaskFlowWebhooks
import Testing
import WebhookResolver

@Suite("LookUpTable scheduling")
struct LookUpTableTests {
    private static let (a, b, c): (AccountID, AccountID, AccountID) = ("acc_a", "acc_b", "acc_c")

    @Test("Requests of all accounts for one name share a look-up, and an answer is used for its lifetime")
    func sharing() {
        var bench = LookUpBench()
        let first = [bench.ask("hooks.example.com", Self.a), bench.ask("hooks.example.com", Self.b)]
        #expect(bench.running == ["hooks.example.com"])
        bench.resolve("hooks.example.com")
        #expect(first.allSatisfy { bench.addresses($0) == [LookUpBench.address] })
        bench.wait(.seconds(20))
        let later = bench.ask("hooks.example.com", Self.c)
        #expect(
            bench.answers[later] == .success(LookupAnswer(addresses: [LookUpBench.address], freshFor: .seconds(10))))
        bench.wait(.seconds(10))
        bench.ask("hooks.example.com", Self.c)
        #expect(bench.running == ["hooks.example.com"])
    }

    @Test(
        "One account with unanswered names of many domains leaves half of the unknown lane, and all of the known one")
    func oneAccount() {
        var bench = LookUpBench(inFlight: 16)
        bench.ask("known.example.com", Self.b)
        bench.resolve("known.example.com")
        bench.wait(.seconds(60))
        for number in 0..<50 { bench.ask("x.silent\(number).org", Self.a) }
        #expect(bench.running.count == 4)
        bench.ask("new.example.net", Self.b)
        #expect(bench.running.last == "new.example.net")
        bench.ask("known.example.com", Self.c)
        #expect(bench.running.last == "known.example.com")
    }

    @Test("Many accounts cannot fill the slots with names of one domain, nor take a slot for known names")
    func oneDomain() {
        var bench = LookUpBench(inFlight: 16)
        bench.ask("known.example.com", Self.b)
        bench.resolve("known.example.com")
        bench.wait(.seconds(60))
        for number in 0..<50 { bench.ask("x\(number).silent.org", AccountID(unchecked: "acc_\(number)")) }
        #expect(bench.running.count == 4)
        for number in 0..<50 { bench.ask("x.silent\(number).net", AccountID(unchecked: "acc_\(number)")) }
        #expect(bench.running.count == 8, "the lane of unknown names is full")
        bench.ask("known.example.com", Self.c)
        #expect(bench.running.last == "known.example.com")
    }

    @Test("Free slots go to accounts in turn, and within an account to its domains in turn")
    func turns() {
        var bench = LookUpBench(inFlight: 2)
        bench.ask("first.example.com", Self.a)
        for name in ["a1.a.com", "a2.a.com", "a3.b.com"] { bench.ask(name, Self.a) }
        for name in ["b1.c.com", "b2.c.com"] { bench.ask(name, Self.b) }
        bench.ask("c1.d.com", Self.c)
        #expect(bench.running == ["first.example.com"])
        var order: [String] = []
        while let name = bench.running.first {
            order.append(name)
            bench.resolve(name)
        }
        #expect(
            order == [
                "first.example.com", "a1.a.com", "b1.c.com", "c1.d.com", "a3.b.com", "b2.c.com", "a2.a.com",
            ])
        #expect(bench.waitingCount == 0)
    }

    @Test("An account or a domain at its share does not block the requests after it")
    func noHeadOfLine() {
        var bench = LookUpBench(inFlight: 8)
        for number in 0..<10 { bench.ask("x\(number).silent.org", Self.a) }
        #expect(bench.running.count == 2)
        // The same domain, so it waits; after it come another domain and another account.
        bench.ask("y.silent.org", Self.b)
        bench.ask("hooks.example.com", Self.b)
        bench.ask("hooks.example.net", Self.c)
        #expect(bench.running.suffix(2) == ["hooks.example.com", "hooks.example.net"])
    }

    @Test("Waiting requests are limited, also by account, and a rejected one is this machine's failure")
    func bounds() {
        var bench = LookUpBench(inFlight: 2, waiting: 8)
        let requests = (0..<20).map { bench.ask("x\($0).silent.org", Self.a) }
        #expect(bench.waitingCount == 4)
        #expect(requests.suffix(15).allSatisfy { bench.failure($0) == .resolverUnavailable })
        let other = bench.ask("hooks.example.com", Self.b)
        #expect(bench.answers[other] == nil)
        #expect(bench.waitingCount == 5)
    }

    @Test("A look-up is cancelled with its last request, and keeps its slot until the resolver returns")
    func cancellation() {
        var bench = LookUpBench(inFlight: 2)
        let first = bench.ask("slow.example.com", Self.a)
        let second = bench.ask("slow.example.com", Self.b)
        bench.cancel(first)
        #expect(bench.cancelled.isEmpty)
        bench.cancel(second)
        #expect(bench.cancelled == ["slow.example.com"])
        #expect([first, second].allSatisfy { bench.failure($0) == .cancelled })
        let next = bench.ask("hooks.example.net", Self.b)
        #expect(bench.running == ["slow.example.com"], "the slot is not free yet")
        // A request that arrives after the cancellation gets a new look-up.
        let late = bench.ask("slow.example.com", Self.c)
        bench.endCancelled("slow.example.com")
        bench.resolve("slow.example.com")
        bench.resolve("hooks.example.net")
        bench.resolve("slow.example.com")
        #expect(bench.addresses(next) != nil)
        #expect(bench.addresses(late) != nil)
        #expect(bench.runningCount == 0)
    }

    @Test("At the deadline, a request that waited for a slot is this machine's failure, any other the name's")
    func expiry() {
        var bench = LookUpBench(inFlight: 2)
        let running = bench.ask("silent.example.com", Self.a)
        let waiting = bench.ask("waiting.example.net", Self.b)
        let servedLate = bench.ask("late.example.org", Self.c)
        bench.wait(.seconds(4))
        bench.expire(running)
        #expect(bench.failure(running) == .dnsTimeout)
        bench.expire(waiting)
        #expect(bench.failure(waiting) == .resolverUnavailable)
        bench.endCancelled("silent.example.com")
        #expect(bench.running == ["late.example.org"])
        bench.wait(.seconds(1))
        bench.expire(servedLate)
        #expect(bench.failure(servedLate) == .resolverUnavailable, "it waited longer than its look-up ran")
    }

    @Test("Any sequence of requests, answers, failures and cancellations leaves nothing behind")
    func nothingIsLeft() {
        var bench = LookUpBench(inFlight: 8, waiting: 16, answerLifetime: .zero)
        var random = SeededGenerator(seed: 14)
        var open: [UInt64] = []
        for _ in 0..<5000 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1, 2:
                let (name, account) = (Int.random(in: 0..<12, using: &random), Int.random(in: 0..<4, using: &random))
                open.append(
                    bench.ask("x\(name).d\(name % 3).com", account == 0 ? nil : AccountID(unchecked: "acc_\(account)")))
            case 3: if let name = bench.running.randomElement(using: &random) { finish(name, &bench, &random) }
            case 4: if let id = open.randomElement(using: &random) { bench.cancel(id) }
            default: if let id = open.randomElement(using: &random) { bench.expire(id) }
            }
            bench.wait(.milliseconds(Int.random(in: 0..<900, using: &random)))
            #expect(bench.runningCount <= 8)
        }
        while let name = bench.running.first { finish(name, &bench, &random) }
        #expect(bench.runningCount == 0)
        #expect(bench.waitingCount == 0)
        #expect(open.allSatisfy { bench.answers[$0] != nil })
        // All slots are free again: the next holders get as many as the first ones did.
        let before = bench.running.count
        for number in 0..<4 { bench.ask("y.new\(number).com", Self.a) }
        #expect(bench.running.count - before == 2)
    }

    private func finish(_ name: String, _ bench: inout LookUpBench, _ random: inout SeededGenerator) {
        if bench.cancelled.contains(name) { return bench.endCancelled(name) }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bench.resolve(name)
        case 1: bench.fail(name, .dnsFailure)
        case 2: bench.fail(name, .dnsTimeout)
        default: bench.fail(name, .resolverUnavailable)
        }
    }
}
#endif
