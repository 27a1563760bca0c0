import Foundation
import Testing
import WebhookReceiving
import WebhookTesting

@Suite("README")
struct ReadmeTests {
    static let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL

    /// The examples are in files that are compiled with the tests; the README must show exactly these.
    @Test("The examples are identical to the compiled ones", arguments: ["Send", "Verify"])
    func examples(heading: String) throws {
        let source = try String(
            contentsOf: Self.root.appending(path: "Tests/DocumentationTests/\(heading)Example.swift"), encoding: .utf8)
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let compiled = try #require(source.between("// README: \(heading)\n", "// README: end"))
        let section = try #require(readme.between("## \(heading)\n", "\n## "))
        #expect(section.between("```swift\n", "```") == compiled)
    }

    @Test("The test files of the guide are identical to the compiled ones", arguments: ["Receiver", "Sender"])
    func guide(name: String) throws {
        let source = try String(
            contentsOf: Self.root.appending(path: "Tests/DocumentationTests/\(name)GuideTests.swift"), encoding: .utf8)
        let guide = try String(contentsOf: Self.root.appending(path: "Docs/Testing.md"), encoding: .utf8)
        let compiled = try #require(source.between("// Guide: a \(name.lowercased())\n", "// Guide: end"))
        let section = try #require(guide.between("## A \(name.lowercased())\n", "\n## "))
        #expect(section.between("```swift\n", "```\n") == compiled)
    }

    @Test("The guide lists every fault with its status", arguments: TestFault.allCases)
    func faults(fault: TestFault) throws {
        let guide = try String(contentsOf: Self.root.appending(path: "Docs/Testing.md"), encoding: .utf8)
        let row = try #require(guide.split(separator: "\n").first { $0.hasPrefix("| `.\(fault.rawValue)` |") })
        #expect(row.hasSuffix("| \(fault.expectedStatus) |"))
    }

    @Test("It fits on two screens, and every linked file exists")
    func links() throws {
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count <= 121)
        for match in readme.matches(of: /\]\(([^)#]+)\)/) where !match.1.hasPrefix("https://") {
            let file = Self.root.appending(path: String(match.1))
            #expect(FileManager.default.fileExists(atPath: file.path), "\(match.1)")
        }
    }

    @Test("The verifying example accepts a signed request and refuses a modified one")
    func verifyExample() async throws {
        let secret = try WebhookSecret("a secret of the readme")
        let sample = try #require(try SampleEvents.sample(of: .taskCreated))
        let (now, signer) = (SystemClock().now, try WebhookSigner(secret))
        let headers: HeaderFields = [
            "Content-Type": "application/json", "webhook-id": sample.id.rawValue,
            "webhook-timestamp": String(now.unixSeconds),
            "webhook-signature": signer.standardSignature(of: sample.bytes, id: sample.id, at: now),
        ]
        let receiver = try makeReceiver(secret: secret.reveal())
        let good = await receive("POST", headers, sample.bytes, with: receiver)
        #expect(good.status == 200)
        let bad = await receive("POST", headers, sample.bytes + [0x20], with: receiver)
        #expect(bad.status == 401)
    }
}

extension String {
    /// Returns the text between two markers.
    fileprivate func between(_ start: String, _ end: String) -> String? {
        guard let begin = range(of: start), let finish = range(of: end, range: begin.upperBound..<endIndex) else {
            return nil
        }
        return String(self[begin.upperBound..<finish.lowerBound])
    }
}
