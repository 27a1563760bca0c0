import TaskFlowWebhooks
import Testing

@Suite("ClaimRequest.AccountShares")
struct AccountSharesTests {
    @Test("An account may use more while it uses less than half of what the others leave, of slots and of bytes")
    func halves() {
        var shares = ClaimRequest.AccountShares(count: 8, bytes: 800)
        #expect(shares.allows(for: "acc_1"))
        for _ in 1...3 { shares.occupy(bytes: 10, for: "acc_1") }
        #expect(shares.allows(for: "acc_1"))
        shares.occupy(bytes: 10, for: "acc_1")
        #expect(!shares.allows(for: "acc_1"), "four of eight")
        shares.occupy(bytes: 380, for: "acc_2")
        #expect(!shares.allows(for: "acc_2"), "380 of the 760 bytes that the other leaves")
        #expect(shares.allows(for: "acc_3"))
        #expect(shares.free == ClaimRequest.Room(count: 3, bytes: 380))
        #expect(shares.held(by: "acc_1") == ClaimRequest.Room(count: 4, bytes: 40))
    }

    @Test("A delivery that ends frees its share, and an account without deliveries leaves no entry")
    func givenBack() {
        var shares = ClaimRequest.AccountShares(count: 8, bytes: 800)
        for bytes in [10, 20, 30] { shares.occupy(bytes: bytes, for: "acc_1") }
        shares.giveBack(bytes: 20, for: "acc_1")
        #expect(shares.held(by: "acc_1") == ClaimRequest.Room(count: 2, bytes: 40))
        shares.giveBack(bytes: 10, for: "acc_1")
        shares.giveBack(bytes: 30, for: "acc_1")
        shares.giveBack(bytes: 30, for: "acc_1")
        #expect(shares == ClaimRequest.AccountShares(count: 8, bytes: 800))
    }

    @Test("The last body may exceed the capacity, and no length overflows", arguments: [900, Int.max, -1])
    func lengths(bytes: Int) {
        var shares = ClaimRequest.AccountShares(count: 8, bytes: 800)
        shares.occupy(bytes: bytes, for: "acc_1")
        #expect(shares.allows(for: "acc_2") == (bytes < 0))
        shares.occupy(bytes: bytes, for: "acc_2")
        for account in ["acc_1", "acc_2"] as [AccountID] { shares.giveBack(bytes: bytes, for: account) }
        #expect(shares == ClaimRequest.AccountShares(count: 8, bytes: 800))
    }
}
