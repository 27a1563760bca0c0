import Testing
import WebhookEvents
import WebhookPayload
import WebhookRetries
import WebhookTesting

@Suite("RetryPolicy")
struct RetryPolicyTests {
    @Test("The documented schedule makes six attempts over 7 h 05 min 35 s")
    func documented() {
        #expect(RetryPolicy.standard.maximumAttempts == 6)
        let waits: [Duration] = [.seconds(5), .seconds(30), .seconds(300), .seconds(3600), .seconds(21_600)]
        #expect(RetryPolicy.standard.schedule == waits)
        let span = RetryPolicy.standard.schedule.reduce(Duration.zero, +)
        #expect(span == .seconds(25_535), "7 h 05 min 35 s")
    }

    @Test("Jitter only lengthens a wait, by at most a tenth", arguments: 1...5)
    func jitter(attempt: Int) {
        var generator = SeededGenerator(seed: UInt64(attempt))
        let nominal = RetryPolicy.standard.schedule[attempt - 1]
        var seen: Set<Duration> = []
        for _ in 0..<200 {
            let failure = AttemptOutcome.response(status: 500, retryAfter: nil)
            let decision = RetryPolicy.standard.decision(after: failure, attempt: attempt, using: &generator)
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

    @Test("The sixth failure ends the delivery; no attempt number traps", arguments: [6, 7, 310, .max, 0, -1, .min])
    func exhausted(attempt: Int) {
        var generator = SeededGenerator(seed: 1)
        let failure = AttemptOutcome.failure(.connectionReset)
        #expect(
            RetryPolicy.standard.decision(after: failure, attempt: attempt, using: &generator) == .giveUp(.exhausted))
    }

    @Test(
        "Success is exactly 200 to 299",
        arguments: [-1, 0, 100, 103, 199, 200, 204, 226, 299, 300, 301, 307, 404, 500, 600])
    func success(status: Int) {
        var generator = SeededGenerator(seed: 1)
        let outcome = AttemptOutcome.response(status: status, retryAfter: nil)
        let decision = RetryPolicy.standard.decision(after: outcome, attempt: 6, using: &generator)
        #expect((decision == .succeed) == (200...299).contains(status))
        #expect((outcome.errorType == nil) == (200...299).contains(status))
    }

    @Test("410 ends the delivery immediately")
    func gone() {
        var generator = SeededGenerator(seed: 1)
        let outcome = AttemptOutcome.response(status: 410, retryAfter: nil)
        #expect(RetryPolicy.standard.decision(after: outcome, attempt: 1, using: &generator) == .giveUp(.gone))
    }

    @Test(
        "Retry-After is honoured on 429 and 503, only lengthens a wait, and is capped",
        arguments: [
            (429, 60, 60), (503, 60, 60), (500, 60, 5), (429, 1, 5), (429, 0, 5), (429, Int64.max, 21_600),
            (503, -5, 5),
        ])
    func retryAfter(status: Int, asked: Int64, expected: Int64) {
        var generator = SeededGenerator(seed: 1)
        let policy = RetryPolicy(clamping: [.seconds(5)], jitter: 0)
        let outcome = AttemptOutcome.response(status: status, retryAfter: .seconds(asked))
        #expect(policy.decision(after: outcome, attempt: 1, using: &generator) == .retry(after: .seconds(expected)))
    }

    @Test("Stored values out of bounds are clamped")
    func clamping() {
        let policy = RetryPolicy(
            clamping: Array(repeating: .seconds(Int64.max), count: 100) + [.seconds(-1)], jitter: .nan,
            retryAfterCap: .seconds(-1))
        #expect(policy.schedule.count == RetryPolicy.maximumRetries)
        #expect(policy.schedule.allSatisfy { $0 == RetryPolicy.delayRange.upperBound })
        #expect(policy.jitter == 0)
        #expect(policy.retryAfterCap == .zero)
        #expect(RetryPolicy(clamping: [.seconds(-3)], jitter: 9).schedule == [.zero])
        #expect(RetryPolicy(clamping: [], jitter: 9).jitter == RetryPolicy.maximumJitter)
    }

    @Test("A custom policy is used unchanged, or rejected with a reason")
    func bounds() throws {
        let policy = try RetryPolicy(schedule: [.seconds(1), .seconds(604_800)], jitter: 0.05, retryAfterCap: .zero)
        #expect(policy.schedule == [.seconds(1), .seconds(604_800)])
        #expect(policy.jitter == 0.05)
        #expect(policy.retryAfterCap == .zero)
        #expect(try RetryPolicy(schedule: []).maximumAttempts == 1)
        let refused: [([Duration], Double, Duration, RetryPolicyError.Code)] = [
            (Array(repeating: .seconds(1), count: 25), 0, .zero, .tooManyRetries),
            ([.seconds(1), .milliseconds(999)], 0, .zero, .delayOutOfRange),
            ([.seconds(604_801)], 0, .zero, .delayOutOfRange), ([.seconds(-5)], 0, .zero, .delayOutOfRange),
            ([], 0.11, .zero, .jitterOutOfRange), ([], -0.01, .zero, .jitterOutOfRange),
            ([], .nan, .zero, .jitterOutOfRange), ([], 0, .seconds(-1), .retryAfterCapOutOfRange),
            ([], 0, .seconds(604_801), .retryAfterCapOutOfRange),
        ]
        for (schedule, jitter, cap, code) in refused {
            let error = try #require(throws: RetryPolicyError.self) {
                try RetryPolicy(schedule: schedule, jitter: jitter, retryAfterCap: cap)
            }
            #expect(error.code == code)
            #expect(!error.hint.isEmpty)
        }
    }

    @Test("The presets are within the bounds", arguments: [RetryPolicy.standard, .threeDays, .quick])
    func presets(policy: RetryPolicy) throws {
        #expect(try RetryPolicy(schedule: policy.schedule) == policy)
    }

    @Test("`threeDays` spans three days, and `quick` a minute and a half")
    func spans() {
        #expect(RetryPolicy.threeDays.schedule.reduce(.zero, +) == .seconds(272_105), "3 d 3 h 35 min 5 s")
        #expect(RetryPolicy.threeDays.maximumAttempts == 10)
        #expect(RetryPolicy.quick.schedule.reduce(.zero, +) == .seconds(86))
    }

    @Test("The plan has the earliest and the latest time of every attempt")
    func plan() {
        let start = Timestamp(unixSeconds: 1_707_583_522)
        let plan = RetryPolicy.standard.plan(from: start, timeout: .seconds(5))
        #expect(plan.map(\.number) == Array(1...6))
        #expect(plan.map { ($0.earliest - start) } == [0, 5, 35, 335, 3935, 25_535].map { .seconds($0) })
        #expect(plan[0].latest == start)
        #expect(plan[1].latest - start == .seconds(5) + .seconds(5) * 1.1)
        let latest = Duration.seconds(25) + .seconds(25_535) * 1.1
        #expect((latest - .milliseconds(1)...latest + .milliseconds(1)).contains(plan[5].latest - start))
        let rest = RetryPolicy.standard.plan(from: start, startingWith: 5)
        #expect(rest.map(\.number) == [5, 6])
        #expect(rest[1].earliest - start == .seconds(21_600))
        for number in [0, -1, 7, .max, .min] {
            #expect(RetryPolicy.standard.plan(from: start, startingWith: number).isEmpty)
        }
        let end = Timestamp(microseconds: .max)
        #expect(RetryPolicy.threeDays.plan(from: end, timeout: .seconds(30)).allSatisfy { $0.latest == end })
    }

    @Test("Simulated failures fall between the plan's earliest and latest times", arguments: 1...50)
    func planHolds(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let policy = [RetryPolicy.standard, .threeDays, .quick][Int(seed % 3)]
        var now = Timestamp(unixSeconds: 1_707_583_522)
        for planned in policy.plan(from: now, timeout: .seconds(5)) {
            #expect((planned.earliest...planned.latest).contains(now), "seed \(seed), attempt \(planned.number)")
            now = now + .milliseconds(Int64.random(in: 0...5000, using: &generator))
            let outcome = AttemptOutcome.failure(.responseTimeout)
            switch policy.decision(after: outcome, attempt: planned.number, using: &generator) {
            case .retry(let wait): now = now + wait
            case .giveUp(let reason): #expect(reason == .exhausted && planned.number == policy.maximumAttempts)
            case .succeed: Issue.record("a timeout is not a success")
            }
        }
    }

    @Test("An accelerated policy divides every wait")
    func accelerated() {
        #expect(RetryPolicy.standard.accelerated(by: 300).schedule.last == .seconds(72))
        #expect(RetryPolicy.standard.accelerated(by: 0) == .standard)
    }
}

@Suite("RetryAfter")
struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    static let now = Timestamp(unixSeconds: 784_111_777)

    @Test(
        "Both formats of RFC 9110 are parsed",
        arguments: [
            ("0", 0), ("120", 120), (" 120\t", 120), ("007", 7), ("99999999999999999999999", 9_999_999_999),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
            ("Sun Nov  6 08:50:37 1994", 60), ("Wed Nov 16 08:49:37 1994", 864_000),
            ("Saturday, 06-Nov-32 08:49:37 GMT", 1_199_232_000), ("Monday, 06-Nov-72 08:49:37 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 252_618_189_022),
        ] as [(String, Int64)])
    func read(value: String, seconds: Int64) {
        #expect(RetryPolicy.RetryAfter.wait(value, now: Self.now) == .seconds(seconds))
    }

    @Test("Repeated values are ignored")
    func repeated() {
        #expect(RetryPolicy.RetryAfter.wait(["5"], now: Self.now) == .seconds(5))
        #expect(RetryPolicy.RetryAfter.wait(["5", "5"], now: Self.now) == nil)
        #expect(RetryPolicy.RetryAfter.wait([], now: Self.now) == nil)
    }

    @Test("No header value and no clock traps", arguments: 1...2000)
    func total(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let parts = [
            "Sun", ",", " ", "06", "-", "Nov", "94", "1994", "9999", ":", "08:49:37", "GMT", "\u{0}", "é", "6",
        ]
        let value = (0..<Int.random(in: 0...10, using: &generator)).map { _ in
            parts.randomElement(using: &generator) ?? ""
        }.joined()
        let now = Timestamp(microseconds: [Int64.min, .max, 0, generator.next().signed][Int(seed % 4)])
        if let wait = RetryPolicy.RetryAfter.wait(value, now: now) { #expect(wait >= .zero, "\(value)") }
    }

    @Test(
        "Malformed values are ignored",
        arguments: [
            "", " ", "-1", "+1", "1.5", "1e308", "nan", "1 2", "soon", "１２", "Sun, 06-Nov-94 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994", "Sunday, 06-Nov-1994 08:49:37 GMT", "Foo, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun Nov  6 08:49:37 1994 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
            ", , , , ,",
        ])
    func garbage(value: String) {
        #expect(RetryPolicy.RetryAfter.wait(value, now: Self.now) == nil)
    }
}

extension UInt64 {
    fileprivate var signed: Int64 { Int64(bitPattern: self) }
}

@Suite("AttemptOutcome")
struct AttemptOutcomeTests {
    @Test(
        "Every status has a kind",
        arguments: [
            (200, AttemptOutcome.Kind.success), (299, .success), (199, .invalidResponse), (300, .redirect),
            (308, .redirect),
            (399, .redirect), (400, .refused), (401, .refused), (404, .refused), (410, .gone), (429, .throttled),
            (499, .refused), (500, .serverError), (502, .serverError), (503, .throttled), (599, .serverError),
            (600, .invalidResponse), (0, .invalidResponse), (.max, .invalidResponse), (.min, .invalidResponse),
        ])
    func statuses(status: Int, kind: AttemptOutcome.Kind) {
        #expect(AttemptOutcome.response(status: status, retryAfter: nil).kind == kind)
    }

    @Test(
        "Every failure has a kind, is retried, and is the fault of the endpoint or of the sender",
        arguments: TransportFailure.allCases)
    func failures(failure: TransportFailure) {
        var generator = SeededGenerator(seed: 1)
        let outcome = AttemptOutcome.failure(failure)
        #expect(!outcome.isSuccess)
        #expect(outcome.errorType == failure.rawValue)
        guard case .retry = RetryPolicy.standard.decision(after: outcome, attempt: 1, using: &generator) else {
            Issue.record("\(failure) is not retried")
            return
        }
        let isSenders = [
            .cancelled, .saturated, .resolverUnavailable, .noRoute, .noTrustStore, .proxy, .invalidRequest, .unknown,
        ].contains(failure)
        #expect(!failure.isSenderFault || isSenders)
        #expect(outcome.kind.isEndpointFault == !isSenders)
        #expect((outcome.kind == .timeout) == failure.rawValue.hasPrefix("timeout_"))
        #expect((outcome.kind == .tls) == failure.rawValue.hasPrefix("tls_"))
    }
}
