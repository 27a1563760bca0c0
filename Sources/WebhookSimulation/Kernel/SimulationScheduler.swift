internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload
internal import WebhookStoreKit

/// The scheduler of a run, which runs all jobs of all hosts on the calling thread, in an order that the seed decides.
///
/// Nothing here is locked, because nothing here is concurrent; `@unchecked Sendable` tells that to the compiler.
/// ``SimulatedHost`` detects code that escapes to another thread.
final class SimulationScheduler: @unchecked Sendable {
    private struct Job {
        let host: SimulatedHost
        let job: UnownedJob
    }

    /// The wall-clock time at which the run begins: six hours before midnight UTC, unless the seed says otherwise.
    var epoch = Timestamp(unixSeconds: 1_707_933_600)
    /// The source of all randomness of the run: interleavings, latencies and faults.
    var chance: SeededGenerator
    /// The true time in microseconds since the start of the run, which no host sees.
    private(set) var now: Int64 = 0
    private(set) var steps = 0
    /// The host whose job is running.
    private(set) var current: SimulatedHost?
    /// A hash of the run's steps, which is the same for the same seed on every machine.
    var hash: UInt64 { history.value }
    private var history = FNV1a()
    private var ready: [Job] = []
    /// The timers, in true time, as if the run had started in 1970.
    private var timers = DueQueue<() -> Void>()
    private var timerNumber: Int64 = 0
    private(set) var log: [String] = []
    private let keepsLog: Bool

    init(seed: UInt64, keepsLog: Bool) {
        self.chance = SeededGenerator(seed: seed)
        self.keepsLog = keepsLog
    }

    // MARK: - Order

    func enqueue(_ job: UnownedJob, on host: SimulatedHost) { ready.append(Job(host: host, job: job)) }

    func drop(_ host: SimulatedHost) { ready.removeAll { $0.host === host } }

    /// Schedules a closure after a delay in microseconds.
    func after(_ delay: Int64, _ fire: @escaping () -> Void) {
        timerNumber += 1
        let (at, overflow) = now.addingReportingOverflow(max(0, delay))
        timers.insert(fire, at: Timestamp(microseconds: overflow ? .max : at), sequence: timerNumber)
    }

    /// Runs jobs and timers up to the given time, or until the maximum number of steps.
    ///
    /// - Returns: Whether the time was reached within the steps.
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
            } else if let first = timers.first, first.due.microseconds <= end {
                timers.removeFirst()
                now = max(now, first.due.microseconds)
                first.element()
            } else {
                now = max(now, end)
                return true
            }
        }
        return false
    }

    /// Draws a ready job whose host is not frozen.
    private func drawReady() -> Int? {
        let able = ready.indices.filter { ready[$0].host.frozenUntil <= now }
        return able.isEmpty ? nil : able[chance.below(able.count)]
    }

    // MARK: - Record

    /// Adds a line to the log, if the log is kept.
    func record(_ what: @autoclosure () -> String) {
        guard keepsLog else { return }
        let line = "\(Self.seconds(now)) \(what())"
        log.append(line)
    }

    func fold(_ values: UInt64...) {
        for value in values { history.add(value) }
    }

    static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.utf8.count))\(fraction)"
    }
}

extension SeededGenerator {
    /// Returns a number from 0 up to, but not including, a bound.
    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(max(1, bound))) }

    /// Returns a number from a range.
    mutating func draw(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// Returns `true` with a probability of 1 in `count`.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// Returns one of the elements.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
