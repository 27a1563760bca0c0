import Synchronization
import TestSupport
import Testing
import WebhookDelivery
import WebhookEvents
import WebhookStoreKit

@Suite("GroupCommit")
struct GroupCommitTests {
    private struct Failure: Error {}

    /// Runs calls whose first commit waits until all others have arrived, and returns the batches.
    private func batches(
        _ calls: [Int], limit: Int, budget: Int, account: @escaping @Sendable (Int) -> AccountID? = { _ in nil }
    ) async throws -> [[Int]] {
        let gate = Gate()
        let batches = Mutex<[[Int]]>([])
        let commits = GroupCommit<Int, Int>(limit: limit, budget: budget, cost: { $0 }, account: account) { inputs in
            let isFirst = batches.withLock { batches in
                batches.append(inputs)
                return batches.count == 1
            }
            if isFirst { await gate.pass() }
            return inputs.map { .success(2 * $0) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let result = try await commits.run(calls[0])
                #expect(result == 2 * calls[0])
            }
            await gate.waitForWaiter()
            for (index, call) in calls.enumerated().dropFirst() {
                group.addTask {
                    let result = try await commits.run(call)
                    #expect(result == 2 * call)
                }
                while commits.waitingCalls < index { await Task.yield() }
            }
            gate.open()
            try await group.waitForAll()
        }
        return batches.withLock { $0 }
    }

    @Test("Calls that arrive during a commit share the next one, up to the limit")
    func sharing() async throws {
        let batches = try await batches([1, 2, 3, 4, 5, 6], limit: 3, budget: .max)
        #expect(batches.map(\.count) == [1, 3, 2])
        #expect(Set(batches.joined()) == [1, 2, 3, 4, 5, 6])
    }

    @Test("The calls of a commit stay within its budget; a call above the budget is committed alone")
    func budget() async throws {
        let batches = try await batches([1, 40, 40, 40, 500, 10], limit: 100, budget: 100)
        #expect(batches.allSatisfy { $0.count == 1 || $0.reduce(0, +) <= 100 }, "\(batches)")
        #expect(batches.joined().reduce(0, +) == 631)
    }

    @Test("Accounts take turns: an account with many calls delays another account by at most one call")
    func turns() async throws {
        // Calls above 100 are from another account; call 1 holds the first commit until all have arrived.
        let batches = try await batches([1, 2, 3, 4, 5, 6, 101, 102], limit: 2, budget: .max) { $0 > 100 ? "b" : "a" }
        #expect(batches.map(\.count) == [1, 2, 2, 2, 1])
        for batch in batches[1...2] { #expect(batch.count { $0 > 100 } == 1, "\(batches)") }
    }

    @Test("A call that does not fit into a batch is the first of the next one")
    func passedOver() async throws {
        let batches = try await batches([1, 60, 101, 61], limit: 10, budget: 150) { $0 > 100 ? "b" : "a" }
        #expect(batches == [[1], [60], [101], [61]], "\(batches)")
    }

    @Test("If a commit throws, all its calls throw the error, and the next commit is not affected")
    func failure() async throws {
        let commits = GroupCommit<Int, Int>(limit: 10) { inputs in
            if inputs.contains(0) { throw Failure() }
            return inputs.map { .success($0) }
        }
        await #expect(throws: Failure.self) { try await commits.run(0) }
        #expect(try await commits.run(1) == 1)
    }
}
