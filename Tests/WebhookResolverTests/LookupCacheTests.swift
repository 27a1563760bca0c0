#if HTTPTransport || AsyncHTTPClient
import TaskFlowWebhooks
import Testing
import WebhookResolver

@Suite("LookUpTable caching")
struct LookUpMemoryTests {
    @Test("An unanswered name is rejected for 5 s, then twice as long each time, with a new look-up in between")
    func coolDown() {
        var bench = LookUpBench()
        for seconds in [5, 10, 20, 40, 80, 160, 300, 300] {
            bench.ask("silent.example.com")
            #expect(bench.running == ["silent.example.com"], "the new look-up")
            bench.fail("silent.example.com", .dnsTimeout)
            bench.wait(.seconds(seconds) - .milliseconds(1))
            let refused = bench.ask("silent.example.com")
            #expect(bench.failure(refused) == .dnsTimeout)
            #expect(bench.running.isEmpty)
            bench.wait(.milliseconds(1))
        }
        bench.ask("silent.example.com")
        bench.resolve("silent.example.com")
        bench.wait(.seconds(400))
        bench.ask("silent.example.com")
        bench.fail("silent.example.com", .dnsTimeout)
        bench.wait(.seconds(5))
        bench.ask("silent.example.com")
        #expect(bench.running == ["silent.example.com"], "an answer resets the count")
    }

    @Test("A look-up cancelled early says nothing about the name; one cancelled after 3 s counts as unanswered")
    func givenUp() {
        for (duration, isRefused) in [(Duration.seconds(2), false), (.seconds(3), true)] {
            var bench = LookUpBench()
            let request = bench.ask("slow.example.com")
            bench.wait(duration)
            bench.expire(request)
            bench.endCancelled("slow.example.com")
            let next = bench.ask("slow.example.com")
            #expect(bench.failure(next) == (isRefused ? .dnsTimeout : nil))
        }
    }

    @Test("A name without an address is looked up again after 1 to 30 s, later after a slow look-up")
    func failures() {
        for (duration, refusal) in [
            (Duration.milliseconds(10), Duration.seconds(1)), (.seconds(4), .seconds(12)), (.seconds(60), .seconds(30)),
        ] {
            var bench = LookUpBench()
            bench.ask("nowhere.example.com")
            bench.wait(duration)
            bench.fail("nowhere.example.com", .dnsFailure)
            bench.wait(refusal - .milliseconds(1))
            let refused = bench.ask("nowhere.example.com")
            #expect(bench.failure(refused) == .dnsFailure)
            bench.wait(.milliseconds(1))
            bench.ask("nowhere.example.com")
            #expect(bench.running == ["nowhere.example.com"])
        }
    }

    @Test("An answer without addresses counts as a name without an address")
    func noAddresses() {
        var bench = LookUpBench()
        let request = bench.ask("empty.example.com")
        bench.resolve("empty.example.com", to: [])
        #expect(bench.failure(request) == .dnsFailure)
    }

    @Test("A failure of this machine is not recorded for the name")
    func unavailable() {
        var bench = LookUpBench()
        let request = bench.ask("hooks.example.com")
        bench.fail("hooks.example.com", .resolverUnavailable)
        #expect(bench.failure(request) == .resolverUnavailable)
        bench.ask("hooks.example.com")
        #expect(bench.running == ["hooks.example.com"])
    }

    @Test("If names of three domains are not answered, this machine's servers are blamed until one answers")
    func deadServers() {
        var bench = LookUpBench()
        let names = (0..<4).map { "hooks.example\($0).com" }
        let requests = names.map { bench.ask($0) }
        bench.wait(.seconds(5))
        for request in requests { bench.expire(request) }
        #expect(
            requests.map { bench.failure($0) }
                == [.dnsTimeout, .dnsTimeout, .resolverUnavailable, .resolverUnavailable])
        for name in names { bench.endCancelled(name) }
        #expect(bench.running.isEmpty)
        // A failure of the servers is not recorded for the name.
        let again = bench.ask(names[3])
        #expect(bench.running == [names[3]])
        bench.ask("other.example.net")
        bench.resolve("other.example.net")
        bench.wait(.seconds(5))
        bench.expire(again)
        #expect(bench.failure(again) == .dnsTimeout, "the servers have answered meanwhile")
    }

    @Test(
        "A known name keeps its last answer for 5 minutes while look-ups time out, but not if it has no address")
    func stale() {
        for failure in [TransportFailure.dnsTimeout, .resolverUnavailable, .dnsFailure] {
            var bench = LookUpBench()
            bench.ask("hooks.example.com")
            bench.resolve("hooks.example.com")
            bench.wait(.seconds(299))
            let request = bench.ask("hooks.example.com")
            #expect(bench.startedWithStale == ["hooks.example.com"])
            bench.fail("hooks.example.com", failure)
            #expect(bench.addresses(request) == (failure == .dnsFailure ? nil : [LookUpBench.address]))
        }
        var bench = LookUpBench()
        bench.ask("hooks.example.com")
        bench.resolve("hooks.example.com")
        bench.wait(.seconds(300))
        let request = bench.ask("hooks.example.com")
        #expect(bench.startedWithStale.isEmpty)
        bench.fail("hooks.example.com", .dnsTimeout)
        #expect(bench.failure(request) == .dnsTimeout)
    }

    @Test("A slow look-up is replaced by the last answer, which is then used while the name is rejected")
    func late() {
        var bench = LookUpBench()
        bench.ask("hooks.example.com")
        bench.resolve("hooks.example.com")
        bench.wait(.seconds(60))
        let request = bench.ask("hooks.example.com")
        bench.wait(LookupTable.lockTimeout)
        bench.late("hooks.example.com")
        #expect(bench.addresses(request) == [LookUpBench.address])
        #expect(bench.cancelled == ["hooks.example.com"])
        bench.endCancelled("hooks.example.com")
        let next = bench.ask("hooks.example.com")
        #expect(bench.addresses(next) == [LookUpBench.address])
        #expect(bench.running.isEmpty)
        bench.wait(.seconds(5))
        bench.ask("hooks.example.com")
        #expect(bench.running == ["hooks.example.com"])
    }

    @Test("After a request with a short deadline, the next one gets the last answer")
    func shortDeadline() {
        var bench = LookUpBench()
        bench.ask("hooks.example.com")
        bench.resolve("hooks.example.com")
        bench.wait(.seconds(60))
        let request = bench.ask("hooks.example.com")
        bench.wait(.seconds(1))
        bench.expire(request)
        #expect(bench.failure(request) == .dnsTimeout)
        bench.endCancelled("hooks.example.com")
        let next = bench.ask("hooks.example.com")
        #expect(bench.addresses(next) == [LookUpBench.address])
    }

    @Test("The timer of an earlier look-up does not affect a later one")
    func oldTimer() {
        var bench = LookUpBench(answerLifetime: .zero)
        bench.late("hooks.example.com")
        bench.ask("hooks.example.com")
        bench.late("hooks.example.com")
        #expect(bench.running == ["hooks.example.com"] && bench.cancelled.isEmpty)
    }

    @Test("Memory is bounded, and a domain with many names does not displace those of another")
    func bounds() {
        var bench = LookUpBench()
        bench.ask("hooks.example.com")
        bench.resolve("hooks.example.com")
        for number in 0..<20_000 {
            bench.ask("x\(number).many.org")
            bench.resolve("x\(number).many.org")
        }
        #expect(bench.rememberedCount < 8192)
        for number in 0..<20_000 {
            bench.ask("y\(number).many.org")
            bench.fail("y\(number).many.org", .dnsFailure)
        }
        #expect(bench.rememberedCount < 8192 + 4096)
        let known = bench.ask("hooks.example.com")
        #expect(bench.addresses(known) == [LookUpBench.address])
    }
}
#endif
