internal import WebhookEvents

/// An event at one endpoint, as its consumer's database knows it.
struct HandlingTrack {
    struct Key: Hashable {
        let url: String
        let event: EventID
    }

    /// How often a handler did its work.
    var times = 0
    /// How many faults hit the process while it handled the event.
    var exposures = 0
    /// The process that handles it now, and how many requests for it that has in hand.
    var host: Int?
    var inHand = 0
}

// What consumers do with what they get.
extension History {
    func handlingBegins(_ event: EventID, at url: String, on host: Int) {
        scheduler.record("host \(host) begins with \(event) at \(url)")
        let key = HandlingTrack.Key(url: url, event: event)
        // What a dead process had in hand is gone with it.
        if handled[key]?.host != host { handled[key, default: HandlingTrack()].inHand = 0 }
        handled[key, default: HandlingTrack()].host = host
        handled[key, default: HandlingTrack()].inHand += 1
    }

    /// A handler's work is in the consumer's database.
    func handled(_ event: EventID, at url: String) {
        let key = HandlingTrack.Key(url: url, event: event)
        handled[key, default: HandlingTrack()].times += 1
        let track = handled[key, default: HandlingTrack()]
        scheduler.record("\(event) is handled at \(url), for the \(track.times). time")
        happened("events handled by consumers")
        if track.times > 1 { happened("events handled again after a fault") }
        expect(
            track.times <= 1 + track.exposures,
            "R2: \(event) was handled \(track.times) times at \(url), for \(track.exposures) faults")
    }

    /// The consumer answers.
    func handlingEnds(_ event: EventID, at url: String, status: Int) {
        scheduler.record("\(url) answers \(status) to \(event)")
        handled[HandlingTrack.Key(url: url, event: event)]?.inHand -= 1
        let times = handled[HandlingTrack.Key(url: url, event: event)]?.times ?? 0
        expect(status != 401, "R3: a consumer refuses the signature of \(event)")
        happened("consumers answer \(status)")
        guard (200..<300).contains(status) else { return }
        expect(times > 0, "R1: \(event) was acknowledged at \(url), and never handled")
    }

    /// Something went wrong in a consumer's process: what it handles may have to be handled again.
    func consumerFault(on host: Int) {
        for (key, track) in handled where track.host == host && track.inHand > 0 { handled[key]?.exposures += 1 }
    }
}
