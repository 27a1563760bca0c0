import Foundation
import WebhookReceiving

/// Tests whether the time of a rejection reveals how much of a signature was right: Welch's t-test over two kinds of
/// wrong ones.
///
/// Source of the method: Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", DATE 2017: two classes in
/// random order, the slowest measurements cropped, |t| below 4.5 shows nothing.
enum ConstantTimeBenchmark {
    static let pairs = 1_000_000

    static func run() throws {
        let secret = try WebhookSecret(Inputs.secret)
        let signer = try WebhookSigner(secret)
        let body = [UInt8](repeating: 0x61, count: 64)
        let now = Timestamp(unixSeconds: 1_707_583_522)
        let verifier = try WebhookVerifier(secret: secret, policy: .taskFlow)
        let right = Array(signer.taskFlowSignature(of: body).utf8)

        // The two classes: wrong in the first digit, or wrong only in the last one.
        let (early, late) = (7, right.count - 1)
        try report("refusal, early or late mistake", right, early, late) {
            keep(try? verifier.verify(body.span, headers: $0, now: now))
        }

        // A control: the same test must detect a comparison that stops at the first difference.
        let expected = right
        try report("control: comparison that stops early", right, early, late) { headers in
            keep(stopsEarly(Array((headers["X-TaskFlow-Signature"] ?? "").utf8), expected))
        }
    }

    /// Returns headers with one changed digit, created for every measurement: two kept copies would differ in their
    /// memory addresses, which the test would detect.
    private static func changed(
        _ text: [UInt8], at index: Int, using generator: inout some RandomNumberGenerator
    ) -> HeaderFields {
        var text = text
        let digits = "0123456789abcdef".utf8.filter { $0 != text[index] }
        text[index] = digits[Int.random(in: 0..<digits.count, using: &generator)]
        return ["X-TaskFlow-Signature": String(decoding: text, as: UTF8.self)]
    }

    @inline(never)
    private static func stopsEarly(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        for index in 0..<min(one.count, other.count) where one[index] != other[index] { return false }
        return one.count == other.count
    }

    private static func report(
        _ row: String, _ right: [UInt8], _ first: Int, _ second: Int, _ operation: (HeaderFields) throws -> Void
    ) throws {
        var generator = SystemRandomNumberGenerator()
        var (times, classes) = ([Double](), [Bool]())
        times.reserveCapacity(2 * pairs)
        for _ in 0..<2 * pairs {
            let isSecond = Bool.random(using: &generator)
            let headers = changed(right, at: isSecond ? second : first, using: &generator)
            let start = DispatchTime.now().uptimeNanoseconds
            try operation(headers)
            times.append(Double(DispatchTime.now().uptimeNanoseconds &- start))
            classes.append(isSecond)
        }
        // Interrupts and other processes make a few measurements a hundred times as long; they say nothing about our
        // code.
        let limit = times.sorted()[times.count * 9 / 10]
        var (left, right) = (Moments(), Moments())
        for (time, isSecond) in zip(times, classes) where time <= limit {
            if isSecond { right.add(time) } else { left.add(time) }
        }
        let t = (left.mean - right.mean) / (left.variance / left.count + right.variance / right.count).squareRoot()
        print(#"{"row":"constant time: \#(row)","who":"ours","t":\#(t),"count":\#(Int(left.count + right.count))}"#)
    }
}

/// Computes mean and variance in one pass (Welford).
private struct Moments {
    private(set) var count = 0.0
    private(set) var mean = 0.0
    private var squares = 0.0

    var variance: Double { squares / (count - 1) }

    mutating func add(_ value: Double) {
        count += 1
        let difference = value - mean
        mean += difference / count
        squares += difference * (value - mean)
    }
}
