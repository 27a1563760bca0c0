/// Where a delivery stands, in the words that people are shown: its status, and what it waits for.
public enum DeliveryPhase: String, Sendable, Hashable, CaseIterable {
    /// It waits for its turn.
    case pending
    /// A worker has it.
    case delivering
    /// It failed and waits for its next attempt.
    case retrying
    /// Its webhook's day is used up, and it waits for the next.
    case rateLimited = "rate_limited"
    /// The endpoint accepted it.
    case delivered
    /// Its attempts are used up, or the endpoint is gone.
    case failed
    /// Its webhook was deleted, or its owner gave it up.
    case cancelled
    /// It brought workers down again and again.
    case rejected

    /// The phases after which something follows.
    public static let open: Set<DeliveryPhase> = [.pending, .delivering, .retrying, .rateLimited]
}

extension DeliveryState {
    /// Where the delivery stands, in the words that people are shown.
    public var phase: DeliveryPhase {
        switch (status, reason) {
        case (.pending, .retry): .retrying
        case (.pending, .dailyLimit): .rateLimited
        case (.pending, _): .pending
        case (.leased, _): .delivering
        case (.succeeded, _): .delivered
        case (.failed, _): .failed
        case (.cancelled, _): .cancelled
        case (.rejected, _): .rejected
        }
    }
}
