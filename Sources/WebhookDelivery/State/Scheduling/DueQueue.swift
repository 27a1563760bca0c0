package import WebhookEvents

/// Things by when they are due, then by age: a binary heap.
package struct DueQueue<Element> {
    package struct Entry {
        package let due: Timestamp
        package let sequence: Int64
        package let element: Element

        package func precedes(_ other: Entry) -> Bool { (due, sequence) < (other.due, other.sequence) }
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package var first: Entry? { entries.first }
    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }

    package mutating func insert(_ element: Element, at due: Timestamp, sequence: Int64) {
        entries.append(Entry(due: due, sequence: sequence, element: element))
        var child = entries.count - 1
        while child > 0, entries[child].precedes(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    @discardableResult
    package mutating func removeFirst() -> Entry? {
        guard let last = entries.popLast() else { return nil }
        guard let first = entries.first else { return last }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].precedes(entries[least]) {
                least = child
            }
            guard least != parent else { return first }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}

extension DueQueue.Entry: Sendable where Element: Sendable {}
extension DueQueue: Sendable where Element: Sendable {}

/// First in, first out.
struct TurnQueue<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var remaining: ArraySlice<Element> { elements[head...] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
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
