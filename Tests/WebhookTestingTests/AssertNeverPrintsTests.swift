import TestSupport
import Testing
import WebhookSigning

/// Tests of the helper itself, without which the tables of the canary tests would prove nothing.
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

    @Test("Every form of a secret in every kind of output is found", arguments: 0..<12)
    func finds(_ index: Int) {
        let (canary, bytes) = (Self.canary, Array(Self.canary.utf8))
        let values: [Any] = [
            canary, bytes, Holder(value: bytes), Holder(value: [canary]), Box(Box(canary)), Holder(value: bytes[3...]),
            Quiet(value: canary), Loud(description: "the secret \(canary) is wrong"),
            "636172792c" + bytes.map { String($0, radix: 16) }.joined(), Base64.encode(bytes),
            "x" + Base64.encode([1] + bytes), Holder(value: Base64.encode([1, 2] + bytes + [3])),
        ]
        // A slice without its first bytes does not hold the whole canary.
        let isWhole = index != 5
        #expect(((try? assertNeverPrints(canary, values[index])) == nil) == isWhole)
    }

    @Test("Values without the canary pass")
    func passes() throws {
        try assertNeverPrints(Self.canary, Holder(value: Array("another".utf8)))
        try assertNeverPrints(Self.canary, ["a": Box(Quiet(value: "text"))])
    }
}
