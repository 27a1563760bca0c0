internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload

/// One run's time and order: every job of every host runs on the calling thread, in an order that the seed decides.
///
/// Nothing here is locked, because nothing here is concurrent; `@unchecked Sendable` says that to the compiler. A host that
/// escapes to another thread is found by ``SimulatedHost``.
final class SimulationScheduler: @unchecked Sendable {
    private struct Job {
        let host: SimulatedHost
        let job: UnownedJob
    }

    private struct Timer {
        let at: Int64
        let number: Int
        let fire: () -> Void
    }

    /// The wall-clock time at which the run begins: six hours before midnight UTC, unless the seed says otherwise.
    var epoch = Timestamp(unixSeconds: 1_707_933_600)
    /// What the seed draws: interleavings, latencies, faults.
    var chance: SeededGenerator
    /// True time in microseconds since the run began; no host sees it.
    private(set) var now: Int64 = 0
    private(set) var steps = 0
    /// The host whose job runs now.
    private(set) var current: SimulatedHost?
    /// What happened, folded into one number: the same seed gives the same number, on every machine.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private var ready: [Job] = []
    private var timers: [Timer] = []
    private var timerNumber = 0
    private(set) var log: [String] = []
    private let keepsLog: Bool

    init(seed: UInt64, keepsLog: Bool) {
        self.chance = SeededGenerator(seed: seed)
        self.keepsLog = keepsLog
    }

    // MARK: - Order

    func enqueue(_ job: UnownedJob, on host: SimulatedHost) { ready.append(Job(host: host, job: job)) }

    func drop(_ host: SimulatedHost) { ready.removeAll { $0.host === host } }

    /// Does something later.
    func after(_ delay: Int64, _ fire: @escaping () -> Void) {
        timerNumber += 1
        let (at, overflow) = now.addingReportingOverflow(max(0, delay))
        push(Timer(at: overflow ? .max : at, number: timerNumber, fire: fire))
    }

    /// Runs until the time, until nothing is left to do, or until the steps are used up.
    ///
    /// - Returns: Whether it got there within the steps.
    @discardableResult
    func run(until end: Int64, maximumSteps: Int) -> Bool {
        let limit = steps + maximumSteps
        while steps < limit {
            if let index = drawReady() {
                let next = ready.remove(at: index)
                steps += 1
                fold(UInt64(truncatingIfNeeded: next.host.number), UInt64(bitPattern: now))
                current = next.host
                unsafe next.job.runSynchronously(on: next.host.asUnownedTaskExecutor())
                current = nil
            } else if let first = timers.first, first.at <= end {
                popTimer()
                now = max(now, first.at)
                first.fire()
            } else {
                now = max(now, end)
                return true
            }
        }
        return false
    }

    /// Any job whose host is not frozen.
    private func drawReady() -> Int? {
        let able = ready.indices.filter { ready[$0].host.frozenUntil <= now }
        return able.isEmpty ? nil : able[chance.below(able.count)]
    }

    // MARK: - Record

    /// Remembers what happened, for the hash and for the reader of a failure.
    func record(_ what: @autoclosure () -> String) {
        guard keepsLog else { return }
        let line = "\(Self.seconds(now)) \(what())"
        log.append(line)
    }

    func fold(_ values: UInt64...) {
        for value in values { hash = (hash ^ value) &* 0x100_0000_01B3 }
    }

    static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.utf8.count))\(fraction)"
    }

    // MARK: - Timers, a binary heap

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (timers[one].at, timers[one].number) < (timers[other].at, timers[other].number)
    }

    private func push(_ timer: Timer) {
        timers.append(timer)
        var child = timers.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            timers.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func popTimer() {
        guard let last = timers.popLast(), !timers.isEmpty else { return }
        timers[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < timers.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { return }
            timers.swapAt(parent, least)
            parent = least
        }
    }
}

extension SeededGenerator {
    /// A number from 0 up to, but not including, a bound.
    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(max(1, bound))) }

    /// A number of a range.
    mutating func draw(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// Whether one of so many cases has come up.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// One of several.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
