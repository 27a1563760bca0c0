package import WebhookEvents

/// A queue ordered by due time, then by age.
///
/// Elements that arrive in order, as almost all do, are kept in a FIFO, where the cost does not depend on the number of
/// elements. Only an element that is due before an earlier one goes into a binary heap.
package struct DueQueue<Element> {
    package struct Entry {
        package let due: Timestamp
        package let sequence: Int64
        package let element: Element

        package func precedes(_ other: Entry) -> Bool { (due, sequence) < (other.due, other.sequence) }
    }

    private var row = TurnQueue<Entry>()
    private var heap: [Entry] = []

    package init() {}

    package var first: Entry? { isRowNext ? row.first : heap.first }
    package var isEmpty: Bool { row.isEmpty && heap.isEmpty }
    package var count: Int { row.count + heap.count }
    /// All elements, in no particular order.
    package var elements: [Element] { (row.remaining + heap).map(\.element) }

    package mutating func insert(_ element: Element, at due: Timestamp, sequence: Int64) {
        let entry = Entry(due: due, sequence: sequence, element: element)
        if let last = row.last, entry.precedes(last) { push(entry) } else { row.append(entry) }
    }

    @discardableResult
    package mutating func removeFirst() -> Entry? { isRowNext ? row.popFirst() : pop() }

    private var isRowNext: Bool {
        guard let least = heap.first else { return true }
        return row.first.map { !least.precedes($0) } ?? false
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> Entry? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

extension DueQueue.Entry: Sendable where Element: Sendable {}
extension DueQueue: Sendable where Element: Sendable {}

/// A first-in, first-out queue.
package struct TurnQueue<Element> {
    private var elements: [Element] = []
    private var head = 0

    package init() {}

    package var isEmpty: Bool { head == elements.count }
    var count: Int { elements.count - head }
    // Not through a slice, which would retain the storage.
    var first: Element? { isEmpty ? nil : elements[head] }
    var last: Element? { isEmpty ? nil : elements[elements.count - 1] }
    var remaining: ArraySlice<Element> { elements[head...] }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Adds an element before the first one, for an element that was removed and must keep its turn.
    mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }

    mutating func remove(where isRemoved: (Element) -> Bool) {
        elements = remaining.filter { !isRemoved($0) }
        head = 0
    }

    package mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let first = elements[head]
        head += 1
        // Removed elements are dropped once they are half of the storage, so the cost is spread over many removals.
        if head >= 32, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }
}

extension TurnQueue: Sendable where Element: Sendable {}
