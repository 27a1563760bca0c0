import TestSupport
import Testing
import WebhookSigning

/// The helper finds what it looks for, or the tables above would promise nothing.
@Suite("assertNeverPrints")
struct AssertNeverPrintsTests {
    struct Holder<Value: Sendable>: Sendable { let value: Value }
    final class Box<Value> {
        let value: Value
        init(_ value: Value) { self.value = value }
    }
    struct Quiet: CustomStringConvertible, CustomDebugStringConvertible {
        let value: String
        let description = "quiet"
        let debugDescription = "quiet"
    }
    struct Loud: Error, CustomStringConvertible { let description: String }

    private static let canary = CanaryTests.canary

    @Test("Every form and every way is found", arguments: 0..<12)
    func finds(_ index: Int) {
        let (canary, bytes) = (Self.canary, Array(Self.canary.utf8))
        let values: [Any] = [
            canary, bytes, Holder(value: bytes), Holder(value: [canary]), Box(Box(canary)), Holder(value: bytes[3...]),
            Quiet(value: canary), Loud(description: "the secret \(canary) is wrong"),
            "636172792c" + bytes.map { String($0, radix: 16) }.joined(), Base64.encode(bytes),
            "x" + Base64.encode([1] + bytes), Holder(value: Base64.encode([1, 2] + bytes + [3])),
        ]
        // What is cut off at the start is the canary no more.
        let isWhole = index != 5
        #expect(((try? assertNeverPrints(canary, values[index])) == nil) == isWhole)
    }

    @Test("What does not hold the canary passes")
    func passes() throws {
        try assertNeverPrints(Self.canary, Holder(value: Array("another".utf8)))
        try assertNeverPrints(Self.canary, ["a": Box(Quiet(value: "text"))])
    }
}
