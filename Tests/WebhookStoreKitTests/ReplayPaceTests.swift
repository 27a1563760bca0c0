import Testing
import WebhookStoreKit
import WebhookTesting

@testable import WebhookDelivery

@Suite("ReplayPace")
struct RecoveryPaceTests {
    @Test(
        "After each step, even a failed one, replays rest four times as long as it took",
        arguments: [false, true])
    func rest(fails: Bool) {
        let (pace, clock) = (ReplayPace(), ManualClock())
        #expect(pace.rest(at: clock.uptime) == .zero)
        try? pace.measure({ clock.uptime }) {
            clock.advance(by: .milliseconds(5))
            if fails { throw CancellationError() }
        }
        clock.advance(by: .milliseconds(19))
        #expect(pace.rest(at: clock.uptime) == .milliseconds(1))
        clock.advance(by: .milliseconds(1))
        #expect(pace.rest(at: clock.uptime) == .zero)
    }

    @Test("A short step does not shorten the rest after a long one")
    func shortStep() {
        let (pace, clock) = (ReplayPace(), ManualClock())
        pace.measure({ clock.uptime }) { clock.advance(by: .milliseconds(50)) }
        pace.measure({ clock.uptime }) {}
        #expect(pace.rest(at: clock.uptime) == .milliseconds(200))
    }
}
