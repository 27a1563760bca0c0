public import WebhookEvents
public import WebhookPayload

/// A sequence of realistic events: a small team's tasks over several days, the same for the same seed.
///
/// The story is consistent: a task is created before it is assigned, and nothing happens to a task after its deletion.
public struct SampleEvents: Sendable {
    private var story: SampleStory

    /// Starts a story.
    ///
    /// - Parameters:
    ///   - seed: Selects the story.
    ///   - account: The account of all events.
    ///   - start: The time of the first event.
    public init(
        seed: UInt64 = 1, account: AccountID = "acc_123", start: Timestamp = Timestamp(unixSeconds: 1_707_577_200)
    ) {
        story = SampleStory(seed: seed, account: account, start: start)
    }

    /// Returns the next event of the story.
    ///
    /// - Returns: The event.
    /// - Throws: ``WebhookPayload/PayloadError``, which no sample causes.
    public mutating func next() throws(PayloadError) -> Envelope { try story.next() }

    /// Returns the next events of the story.
    ///
    /// - Parameter count: The number of events.
    /// - Returns: The events, oldest first.
    /// - Throws: ``WebhookPayload/PayloadError``, which no sample causes.
    public mutating func take(_ count: Int) throws(PayloadError) -> [Envelope] { try story.take(count) }

    /// Returns one sample of an event type.
    ///
    /// - Parameters:
    ///   - type: The event type.
    ///   - seed: Selects the sample.
    /// - Returns: The sample, or `nil` if the type is not documented.
    /// - Throws: ``WebhookPayload/PayloadError``, which no sample causes.
    public static func sample(of type: EventType, seed: UInt64 = 1) throws(PayloadError) -> Envelope? {
        try SampleStory.sample(of: type, seed: seed)
    }
}
