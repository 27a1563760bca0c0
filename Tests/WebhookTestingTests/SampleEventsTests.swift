import Foundation
import Testing
import WebhookEvents
import WebhookPayload
import WebhookTesting

@Suite("SampleEvents")
struct SampleEventsTests {
    @Test("The same seed gives the same events")
    func determinism() throws {
        var (one, other, different) = (SampleEvents(seed: 7), SampleEvents(seed: 7), SampleEvents(seed: 8))
        let story = try one.take(50)
        #expect(try other.take(50) == story)
        #expect(try different.take(50) != story)
    }

    @Test("Every documented event type has a sample that decodes into that type", arguments: EventType.known)
    func everyType(type: EventType) throws {
        let envelope = try #require(try SampleEvents.sample(of: type))
        #expect(try envelope.event().type == type)
        #expect(try Envelope(parsing: envelope.bytes) == envelope)
    }

    @Test("A deleted or completed task has no further events")
    func coherence() throws {
        var (samples, ended): (SampleEvents, Set<String>) = (SampleEvents(seed: 3), [])
        for envelope in try samples.take(500) {
            let event = try envelope.event()
            let key = try #require(event.orderingKey)
            #expect(!ended.contains(key), "\(envelope.id)")
            switch event {
            case .taskDeleted, .taskCompleted: ended.insert(key)
            default: break
            }
        }
    }

    /// `UPDATE_FIXTURES=1 swift test --filter story` generates the demo's story file again.
    @Test("The demo's story has the sample events of seed 1, with all seven types")
    func storyFileIsCurrent() throws {
        var samples = SampleEvents(seed: 1)
        let story = try samples.take(200)
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Examples/Demo/story.jsonl").standardizedFileURL
        let text = Data(story.map { $0.bytes + [UInt8(ascii: "\n")] }.joined())
        if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] != nil { try text.write(to: file) }
        #expect(try Data(contentsOf: file) == text)
        #expect(Set(story.map(\.type)) == Set(EventType.known))
    }
}
