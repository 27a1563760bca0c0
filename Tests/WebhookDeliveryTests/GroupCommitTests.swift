import Synchronization
import Testing
import WebhookDelivery

@Suite("GroupCommit")
struct GroupCommitTests {
    private struct Failure: Error {}

    /// Runs calls of which the first one's commit waits until all others have come; gives the batches.
    private func batches(_ calls: [Int], limit: Int, budget: Int) async throws -> [[Int]] {
        let gate = Gate()
        let batches = Mutex<[[Int]]>([])
        let commits = GroupCommit<Int, Int>(limit: limit, budget: budget, cost: { $0 }) { inputs in
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
            await gate.untilSomebodyWaits()
            for call in calls.dropFirst() {
                group.addTask {
                    let result = try await commits.run(call)
                    #expect(result == 2 * call)
                }
            }
            while commits.waitingCalls < calls.count - 1 { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        return batches.withLock { $0 }
    }

    @Test("Calls that come during a commit share the next one, up to a number")
    func sharing() async throws {
        let batches = try await batches([1, 2, 3, 4, 5, 6], limit: 3, budget: .max)
        #expect(batches.map(\.count) == [1, 3, 2])
        #expect(Set(batches.joined()) == [1, 2, 3, 4, 5, 6])
    }

    @Test("Calls of a commit stay within its budget; one that is above it goes alone")
    func budget() async throws {
        let batches = try await batches([1, 40, 40, 40, 500, 10], limit: 100, budget: 100)
        #expect(batches.allSatisfy { $0.count == 1 || $0.reduce(0, +) <= 100 }, "\(batches)")
        #expect(batches.joined().reduce(0, +) == 631)
    }

    @Test("What a commit throws is the result of all its calls, and the next commit goes on")
    func failure() async throws {
        let commits = GroupCommit<Int, Int>(limit: 10) { inputs in
            if inputs.contains(0) { throw Failure() }
            return inputs.map { .success($0) }
        }
        await #expect(throws: Failure.self) { try await commits.run(0) }
        #expect(try await commits.run(1) == 1)
    }
}
