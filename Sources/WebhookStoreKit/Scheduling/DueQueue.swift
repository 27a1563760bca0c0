package import WebhookEvents

/// Things by when they are due, then by age.
///
/// What comes in order, as nearly everything does, stands in a row of its own and costs the same however much waits; only
/// what is due before something that came earlier goes into a binary heap.
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
    /// Everything, in no order.
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

/// First in, first out.
package struct TurnQueue<Element> {
    private var elements: [Element] = []
    private var head = 0

    package init() {}

    package var isEmpty: Bool { head == elements.count }
    var count: Int { elements.count - head }
    // Not through a slice, which would hold the storage.
    var first: Element? { isEmpty ? nil : elements[head] }
    var last: Element? { isEmpty ? nil : elements[elements.count - 1] }
    var remaining: ArraySlice<Element> { elements[head...] }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Puts an element before the first one: one that was taken out and is not to lose its turn.
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
        // What was taken is dropped when it is half of the storage: once for many elements.
        if head >= 32, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }
}

extension TurnQueue: Sendable where Element: Sendable {}
