internal import WebhookDelivery
internal import WebhookEvents

/// Deliveries by when they are due, then by age: a binary heap.
struct DueQueue {
    private var heap: [(due: Timestamp, id: DeliveryID)] = []

    var first: (due: Timestamp, id: DeliveryID)? { heap.first }

    mutating func insert(_ id: DeliveryID, at due: Timestamp) {
        heap.append((due, id))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (heap[one].due, heap[one].id) < (heap[other].due, heap[other].id)
    }
}
