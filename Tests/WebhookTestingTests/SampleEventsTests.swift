import Foundation
import Testing
import WebhookEvents
import WebhookPayload
import WebhookTesting

@Suite("SampleEvents")
struct SampleEventsTests {
    @Test("The same seed tells the same story")
    func determinism() throws {
        var (one, other, different) = (SampleEvents(seed: 7), SampleEvents(seed: 7), SampleEvents(seed: 8))
        let story = try one.take(50)
        #expect(try other.take(50) == story)
        #expect(try different.take(50) != story)
    }

    @Test("There is a sample of every documented type, and it decodes into that type", arguments: EventType.known)
    func everyType(type: EventType) throws {
        let envelope = try #require(try SampleEvents.sample(of: type))
        #expect(try envelope.event().type == type)
        #expect(try Envelope(parsing: envelope.bytes) == envelope)
    }

    @Test("Nothing happens to a task after it was deleted or completed")
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

    /// The demo's story is this module's, so that it can be told again: `UPDATE_FIXTURES=1 swift test --filter story`.
    @Test("The demo's story is the one with seed 1, over all seven types")
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
