// swift-tools-version: 6.2
import PackageDescription

// A consumer that only verifies: it enables no trait, so it resolves no other package and links only libcrypto.
let package = Package(
    name: "verify-only",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "taskflow-webhooks", path: "../..")],
    targets: [
        .executableTarget(
            name: "VerifyOnly", dependencies: [.product(name: "WebhookSigning", package: "taskflow-webhooks")])
    ]
)
