import Testing
import WebhookEvents
import WebhookRetries
import WebhookTesting

@Suite("RetryPolicy")
struct RetryPolicyTests {
    @Test("The documented schedule: six attempts over 7 h 05 min 35 s")
    func documented() {
        #expect(RetryPolicy.documented.maximumAttempts == 6)
        let waits: [Duration] = [.seconds(5), .seconds(30), .seconds(300), .seconds(3600), .seconds(21_600)]
        #expect(RetryPolicy.documented.schedule == waits)
        let span = RetryPolicy.documented.schedule.reduce(Duration.zero, +)
        #expect(span == .seconds(25_535), "7 h 05 min 35 s")
    }

    @Test("Jitter only lengthens, by a tenth at most", arguments: 1...5)
    func jitter(attempt: Int) {
        var generator = SeededGenerator(seed: UInt64(attempt))
        let nominal = RetryPolicy.documented.schedule[attempt - 1]
        var seen: Set<Duration> = []
        for _ in 0..<200 {
            let failure = AttemptOutcome.response(status: 500, retryAfter: nil)
            let decision = RetryPolicy.documented.decision(after: failure, attempt: attempt, using: &generator)
            guard case .retry(let delay) = decision else {
                Issue.record("gave up")
                return
            }
            #expect(delay >= nominal)
            #expect(delay <= nominal * 1.1)
            seen.insert(delay)
        }
        #expect(seen.count > 100)
    }

    @Test("The sixth failure is the last; no attempt number traps", arguments: [6, 7, 310, .max, 0, -1, .min])
    func exhausted(attempt: Int) {
        var generator = SeededGenerator(seed: 1)
        let failure = AttemptOutcome.failure(.connectionReset)
        #expect(
            RetryPolicy.documented.decision(after: failure, attempt: attempt, using: &generator) == .giveUp(.exhausted))
    }

    @Test(
        "Success is exactly 200 to 299",
        arguments: [-1, 0, 100, 103, 199, 200, 204, 226, 299, 300, 301, 307, 404, 500, 600])
    func success(status: Int) {
        var generator = SeededGenerator(seed: 1)
        let outcome = AttemptOutcome.response(status: status, retryAfter: nil)
        let decision = RetryPolicy.documented.decision(after: outcome, attempt: 6, using: &generator)
        #expect((decision == .succeed) == (200...299).contains(status))
        #expect((outcome.errorType == nil) == (200...299).contains(status))
    }

    @Test("410 ends the delivery at once")
    func gone() {
        var generator = SeededGenerator(seed: 1)
        let outcome = AttemptOutcome.response(status: 410, retryAfter: nil)
        #expect(RetryPolicy.documented.decision(after: outcome, attempt: 1, using: &generator) == .giveUp(.gone))
    }

    @Test(
        "Retry-After is honoured on 429 and 503, only lengthens, and is capped",
        arguments: [
            (429, 60, 60), (503, 60, 60), (500, 60, 5), (429, 1, 5), (429, 0, 5), (429, Int64.max, 21_600),
            (503, -5, 5),
        ])
    func retryAfter(status: Int, asked: Int64, expected: Int64) {
        var generator = SeededGenerator(seed: 1)
        let policy = RetryPolicy(schedule: [.seconds(5)], jitter: 0)
        let outcome = AttemptOutcome.response(status: status, retryAfter: .seconds(asked))
        #expect(policy.decision(after: outcome, attempt: 1, using: &generator) == .retry(after: .seconds(expected)))
    }

    @Test("Values beyond the bounds are brought inside them")
    func bounds() {
        let policy = RetryPolicy(
            schedule: Array(repeating: .seconds(Int64.max), count: 100) + [.seconds(-1)], jitter: .nan,
            retryAfterCap: .seconds(-1))
        #expect(policy.schedule.count == RetryPolicy.maximumRetries)
        #expect(policy.schedule.allSatisfy { $0 == RetryPolicy.maximumDelay })
        #expect(policy.jitter == 0)
        #expect(policy.retryAfterCap == .zero)
        #expect(RetryPolicy(schedule: [.seconds(-3)], jitter: 9).schedule == [.zero])
        #expect(RetryPolicy(schedule: [], jitter: 9).jitter == RetryPolicy.maximumJitter)
    }

    @Test("A faster policy divides every wait")
    func accelerated() {
        #expect(RetryPolicy.documented.accelerated(by: 300).schedule.last == .seconds(72))
        #expect(RetryPolicy.documented.accelerated(by: 0) == .documented)
    }
}

@Suite("RetryAfter")
struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    static let now = Timestamp(unixSeconds: 784_111_777)

    @Test(
        "Both forms of RFC 9110 are read",
        arguments: [
            ("0", 0), ("120", 120), (" 120\t", 120), ("007", 7), ("99999999999999999999999", 9_999_999_999),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 252_618_189_022),
        ] as [(String, Int64)])
    func read(value: String, seconds: Int64) {
        #expect(RetryAfter.wait(value, now: Self.now) == .seconds(seconds))
    }

    @Test(
        "Garbage is ignored",
        arguments: [
            "", " ", "-1", "+1", "1.5", "1e308", "nan", "1 2", "soon", "１２", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
            ", , , , ,",
        ])
    func garbage(value: String) {
        #expect(RetryAfter.wait(value, now: Self.now) == nil)
    }
}
