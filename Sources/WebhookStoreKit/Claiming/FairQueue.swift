/// A queue of calls in which holders take turns: a holder with thousands of calls delays each other holder by one call.
package struct FairQueue<Holder: Hashable & Sendable, Element: Sendable>: Sendable {
    private var queues: [Holder: TurnQueue<Element>] = [:]
    private var turns = TurnQueue<Holder>()
    /// The holder whose next call did not fit into the last batch; the next batch starts with it.
    private var passedOver: Holder?

    /// How many calls are waiting.
    package private(set) var count = 0

    package init() {}

    package mutating func append(_ element: Element, of holder: Holder) {
        count += 1
        if queues[holder] == nil, holder != passedOver { turns.append(holder) }
        queues[holder, default: TurnQueue()].append(element)
    }

    /// Removes and returns the calls of the next batch.
    ///
    /// - Parameters:
    ///   - limit: The most calls.
    ///   - budget: The total cost that the batch may have; a call that costs more gets its own batch.
    ///   - cost: The cost of a call.
    /// - Returns: The calls; empty if none is waiting.
    mutating func popBatch(limit: Int, budget: Int, cost: (Element) -> Int) -> [Element] {
        var batch: [Element] = []
        var sum = 0
        while batch.count < limit, let holder = nextHolder() {
            guard let next = queues[holder]?.first else { continue }
            sum = sum.addingReportingOverflow(max(0, cost(next))).partialValue
            if !batch.isEmpty, sum > budget || sum < 0 {
                passedOver = holder
                break
            }
            batch.append(next)
            count -= 1
            _ = queues[holder]?.popFirst()
            if queues[holder]?.isEmpty ?? true { queues[holder] = nil } else { turns.append(holder) }
        }
        return batch
    }

    /// Removes and returns the next call of a holder that may proceed; the other holders keep their turns.
    ///
    /// - Parameter mayGo: Whether a holder may proceed.
    /// - Returns: The holder and the call; `nil` if no holder may proceed.
    package mutating func popFirst(where mayGo: (Holder) -> Bool) -> (Holder, Element)? {
        var passed: [Holder] = []
        var found: (Holder, Element)?
        while found == nil, let holder = nextHolder() {
            guard mayGo(holder), let element = queues[holder]?.popFirst() else {
                passed.append(holder)
                continue
            }
            found = (holder, element)
            count -= 1
            if queues[holder]?.isEmpty ?? true { queues[holder] = nil } else { turns.append(holder) }
        }
        for holder in passed.reversed() { turns.prepend(holder) }
        return found
    }

    private mutating func nextHolder() -> Holder? {
        if let holder = passedOver {
            passedOver = nil
            return holder
        }
        return turns.popFirst()
    }
}
