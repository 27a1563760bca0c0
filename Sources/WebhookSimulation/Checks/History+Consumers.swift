internal import WebhookEvents

/// The record of one event at one endpoint, as stored in the consumer's database.
struct HandlingTrack {
    struct Key: Hashable {
        let url: String
        let event: EventID
    }

    /// How often a handler completed its work.
    var times = 0
    /// How many faults hit the consumer's process while it handled the event.
    var exposures = 0
    /// The host of the process that handles the event, and the number of its requests that the process is handling.
    var host: Int?
    var inHand = 0
}

// Checks of what consumers do with requests.
extension History {
    func handlingBegins(_ event: EventID, at url: String, on host: Int) {
        scheduler.record("host \(host) starts handling \(event) at \(url)")
        let key = HandlingTrack.Key(url: url, event: event)
        // Requests that a crashed process was handling are lost with it.
        if handled[key]?.host != host { handled[key, default: HandlingTrack()].inHand = 0 }
        handled[key, default: HandlingTrack()].host = host
        handled[key, default: HandlingTrack()].inHand += 1
    }

    /// Records that a handler's work was committed to the consumer's database.
    func handled(_ event: EventID, at url: String) {
        let key = HandlingTrack.Key(url: url, event: event)
        handled[key, default: HandlingTrack()].times += 1
        let track = handled[key, default: HandlingTrack()]
        scheduler.record("\(event) is handled at \(url), \(track.times) times so far")
        happened("events handled by consumers")
        if track.times > 1 { happened("events handled again after a fault") }
        expect(
            track.times <= 1 + track.exposures,
            "R2: \(event) was handled \(track.times) times at \(url), after \(track.exposures) faults")
    }

    /// Records the consumer's response.
    func handlingEnds(_ event: EventID, at url: String, status: Int) {
        scheduler.record("\(url) responds to \(event) with \(status)")
        handled[HandlingTrack.Key(url: url, event: event)]?.inHand -= 1
        let times = handled[HandlingTrack.Key(url: url, event: event)]?.times ?? 0
        expect(status != 401, "R3: a consumer rejected the signature of \(event)")
        happened("consumers respond with \(status)")
        guard (200..<300).contains(status) else { return }
        expect(times > 0, "R1: \(event) was acknowledged at \(url), and never handled")
    }

    /// Records a fault in a consumer's process, which may have to handle its current requests again.
    func consumerFault(on host: Int) {
        for (key, track) in handled where track.host == host && track.inHand > 0 { handled[key]?.exposures += 1 }
    }
}
