import Testing
import WebhookTesting

@testable import WebhookDelivery

@Suite("RecoveryPace")
struct RecoveryPaceTests {
    @Test("After a step, recoveries rest four times as long as it lasted")
    func pause() {
        let (pace, clock) = (RecoveryPace(), ManualClock())
        #expect(!pace.rests(at: clock.uptime))
        pace.measure({ clock.uptime }) { clock.advance(by: .milliseconds(5)) }
        clock.advance(by: .milliseconds(19))
        #expect(pace.rests(at: clock.uptime))
        clock.advance(by: .milliseconds(1))
        #expect(!pace.rests(at: clock.uptime))
    }

    @Test("A step that takes no time costs no rest, and one that fails none either")
    func noPause() {
        let (pace, clock) = (RecoveryPace(), ManualClock())
        pace.measure({ clock.uptime }) {}
        #expect(!pace.rests(at: clock.uptime))
        #expect(throws: CancellationError.self) {
            try pace.measure({ clock.uptime }) {
                clock.advance(by: .milliseconds(5))
                throw CancellationError()
            }
        }
        #expect(!pace.rests(at: clock.uptime))
    }
}
