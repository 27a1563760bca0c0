public import WebhookEvents

extension Webhook.BacklogPolicy {
    /// Applies the policy to the waiting deliveries; leased ones stay as they are.
    ///
    /// - Parameters:
    ///   - open: The webhook's open deliveries, oldest first; the caller stores those that changed.
    ///   - now: The store's time.
    public func apply(to open: inout [Delivery], now: Timestamp) {
        let waiting = open.indices.filter { open[$0].state.status == .pending }
        let places = places(of: waiting.map { open[$0].orderingKey })
        for (place, index) in zip(places, waiting) { apply(to: &open[index], place: place, now: now) }
    }

    /// Returns the position of each waiting delivery: how many are sent before it.
    ///
    /// Deliveries with the same ordering key share their positions in order of creation. If the last of them were due
    /// first, all of them would be sent as soon as the first one is due.
    ///
    /// - Parameter keys: The ordering keys of the waiting deliveries, oldest first.
    /// - Returns: The positions, in the same order.
    package func places(of keys: [String?]) -> [Int] {
        guard case .spread(_, .newestFirst) = self else { return Array(keys.indices) }
        var places = keys.indices.map { keys.count - 1 - $0 }
        let ordered = keys.indices.filter { keys[$0] != nil }
        for indices in Dictionary(grouping: ordered, by: { keys[$0] }).values {
            for (index, place) in zip(indices, indices.map { places[$0] }.sorted()) { places[index] = place }
        }
        return places
    }

    /// Applies the policy to one waiting delivery.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - place: How many waiting deliveries are sent before it.
    ///   - now: The store's time.
    package func apply(to delivery: inout Delivery, place: Int, now: Timestamp) {
        switch self {
        case .immediately: break
        case .discard: delivery.cancel(.discarded, now: now)
        case .spread(let perSecond, _):
            delivery.postpone(to: now + .seconds(1) / max(1, perSecond) * place)
        }
    }
}
