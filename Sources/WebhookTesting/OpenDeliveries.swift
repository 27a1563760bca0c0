internal import WebhookDelivery
internal import WebhookEvents

/// One webhook's open deliveries: those that wait, by when they are due, and those that are leased, by when that ends.
///
/// They are kept apart because a full set of leases must not hide behind the deliveries that wait for a place: when their
/// worker is dead, the leases' end is what makes room.
struct OpenDeliveries {
    private var waiting = DueQueue()
    private var leases: [DeliveryID: Timestamp] = [:]
    /// When leases end.
    ///
    /// Entries of leases that were settled or released stay behind, and are dropped when they come up.
    private var leaseEnds = DueQueue()

    mutating func insert(_ delivery: Delivery) {
        switch delivery.state.status {
        case .pending: waiting.insert(delivery.id, at: delivery.state.dueAt)
        case .leased:
            leases[delivery.id] = delivery.state.dueAt
            leaseEnds.insert(delivery.id, at: delivery.state.dueAt)
        case .succeeded, .failed, .cancelled, .rejected: break
        }
    }

    /// A lease was settled or released; the delivery may wait again.
    mutating func leaseEnded(_ delivery: Delivery) {
        leases[delivery.id] = nil
        dropStaleEnds()
        insert(delivery)
    }

    /// Takes out a delivery whose lease has run out, or else the one that has waited longest if there is room.
    mutating func takeDue(at now: Timestamp, leaseLimit: Int) -> DeliveryID? {
        if let first = leaseEnds.first, first.due <= now {
            leases[first.id] = nil
            dropStaleEnds()
            return first.id
        }
        guard leases.count < leaseLimit, let first = waiting.first, first.due <= now else { return nil }
        waiting.removeFirst()
        return first.id
    }

    func nextDue(leaseLimit: Int) -> Timestamp? {
        let next = leases.count < leaseLimit ? waiting.first?.due : nil
        return [next, leaseEnds.first?.due].compactMap(\.self).min()
    }

    private mutating func dropStaleEnds() {
        while let first = leaseEnds.first, leases[first.id] != first.due { leaseEnds.removeFirst() }
    }
}

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
