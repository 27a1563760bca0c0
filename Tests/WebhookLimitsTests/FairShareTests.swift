import Testing
import WebhookLimits

@Suite struct FairShareTests {
    @Test("Greedy holders stop at a half, a quarter, an eighth, and the next one still finds some")
    func halves() {
        var share = FairShare<Int>(capacity: 1024)
        for (holder, expected) in [512, 256, 128, 64, 32, 16, 8, 4, 2, 1].enumerated() {
            while share.take(for: holder) {}
            #expect(share.held(by: holder) == expected)
            #expect(share.free >= 1)
        }
        #expect(share.allows(for: 99))
    }

    @Test("A holder's share shrinks by what others hold and grows by what they return")
    func others() {
        var share = FairShare<String>(capacity: 8)
        share.occupy(4, for: "a")
        let before = (0..<3).map { _ in share.take(for: "b") }
        #expect(before == [true, true, false])
        share.giveBack(4, for: "a")
        let after = (0..<3).map { _ in share.take(for: "b") }
        #expect(after == [true, true, false])
    }

    @Test("A holder that has nothing may take one amount of any size while anything is left")
    func large() {
        var share = FairShare<String>(capacity: 100)
        let first = share.take(1_000, for: "large")
        #expect(first && share.used == 1_000 && share.free == 0)
        #expect(!share.allows(for: "next"))
        share.giveBack(1_000, for: "large")
        let both = [share.take(90, for: "large"), share.take(50, for: "next")]
        #expect(both == [true, true])
        #expect(!share.allows(for: "third"))
    }

    @Test("No more is returned than was taken")
    func returns() {
        var share = FairShare<String>(capacity: 2)
        share.giveBack(5, for: "stranger")
        share.occupy(1, for: "a")
        share.giveBack(5, for: "a")
        #expect(share.used == 0 && share.held(by: "a") == 0)
    }

    @Test("The capacity is at least one", arguments: [0, -5])
    func smallest(capacity: Int) {
        var share = FairShare<String>(capacity: capacity)
        let taken = [share.take(for: "a"), share.take(for: "b")]
        #expect(taken == [true, false])
    }

    @Test("No amount overflows", arguments: [Int.max, Int.min])
    func extremes(amount: Int) {
        var share = FairShare<Int>(capacity: amount)
        for holder in 0..<100 { share.occupy(amount, for: holder) }
        for holder in 0..<100 { share.giveBack(amount, for: holder) }
        #expect(share.used == 0)
    }
}
