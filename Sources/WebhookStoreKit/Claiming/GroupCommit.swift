internal import Synchronization
public import WebhookEvents

/// Batches calls that arrive during a commit, so that many share the next one.
///
/// A call commits immediately if a slot is free; otherwise it joins the next batch. Accounts take turns in a batch.
public final class GroupCommit<Input: Sendable, Output: Sendable>: Sendable {
    /// The turn of a call that has waited.
    private enum Turn {
        /// The call must commit this batch, which contains it.
        case lead([Waiter])
        /// Another call has committed it, with this result.
        case done(Result<Output, any Error>)
    }

    private struct Waiter: Sendable {
        let input: Input
        let continuation: CheckedContinuation<Turn, Never>?
    }

    private struct State {
        var busy = 0
        var waiting = FairQueue<AccountID?, Waiter>()
    }

    private let width: Int
    private let limit: Int
    private let budget: Int
    private let cost: @Sendable (Input) -> Int
    private let account: @Sendable (Input) -> AccountID?
    private let commit: @Sendable ([Input]) async throws -> [Result<Output, any Error>]
    private let state = Mutex(State())

    /// Creates a group commit.
    ///
    /// - Parameters:
    ///   - width: The most concurrent commits.
    ///   - limit: The most calls of one commit.
    ///   - budget: The total cost of the calls of one commit; a call that costs more is committed alone.
    ///   - cost: The cost of a call, for example its bytes.
    ///   - account: The account that a call is for; calls without one take turns like a single account.
    ///   - commit: Commits calls together and returns one result per call; if it throws, all calls throw the error.
    public init(
        width: Int = 1, limit: Int, budget: Int = .max, cost: @escaping @Sendable (Input) -> Int = { _ in 0 },
        account: @escaping @Sendable (Input) -> AccountID? = { _ in nil },
        _ commit: @escaping @Sendable ([Input]) async throws -> [Result<Output, any Error>]
    ) {
        self.width = width
        self.limit = limit
        self.budget = budget
        self.cost = cost
        self.account = account
        self.commit = commit
    }

    /// How many calls are waiting for a commit.
    public var waitingCalls: Int { state.withLock { $0.waiting.count } }

    /// Commits a call, alone or in a batch.
    ///
    /// - Parameter input: The call.
    /// - Returns: Its result.
    /// - Throws: The call's error, or the error of the whole batch.
    public func run(_ input: Input) async throws -> Output {
        var batch = [Waiter(input: input, continuation: nil)]
        if !takePlace() {
            let turn = await withCheckedContinuation { continuation in
                let waiter = Waiter(input: input, continuation: continuation)
                // A slot may have become free in the meantime.
                if takePlace(orWait: waiter) {
                    continuation.resume(returning: .lead([Waiter(input: input, continuation: nil)]))
                }
            }
            switch turn {
            case .done(let result): return try result.get()
            case .lead(let waiters): batch = waiters
            }
        }
        let results = await results(of: batch.map(\.input))
        handOver()
        for (waiter, result) in zip(batch, results).dropFirst() {
            waiter.continuation?.resume(returning: .done(result))
        }
        return try results[0].get()
    }

    private func takePlace(orWait waiter: Waiter? = nil) -> Bool {
        state.withLock { state in
            guard state.busy >= width else {
                state.busy += 1
                return true
            }
            if let waiter { state.waiting.append(waiter, of: account(waiter.input)) }
            return false
        }
    }

    private func results(of inputs: [Input]) async -> [Result<Output, any Error>] {
        do {
            let results = try await commit(inputs)
            precondition(results.count == inputs.count, "a commit must return one result per call")
            return results
        } catch {
            return inputs.map { _ in .failure(error) }
        }
    }

    /// Passes the slot to the next batch, which its first call commits.
    private func handOver() {
        let next = state.withLock { state -> [Waiter] in
            let next = state.waiting.popBatch(limit: limit, budget: budget) { cost($0.input) }
            if next.isEmpty { state.busy -= 1 }
            return next
        }
        next.first?.continuation?.resume(returning: .lead(next))
    }
}
