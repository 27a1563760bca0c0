// swift-tools-version: 6.2
import PackageDescription

// A consumer that only verifies: no trait, so no other package is resolved, and only libcrypto is linked.
let package = Package(
    name: "verify-only",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "taskflow-webhooks", path: "../..")],
    targets: [
        .executableTarget(
            name: "VerifyOnly", dependencies: [.product(name: "WebhookSigning", package: "taskflow-webhooks")])
    ]
)
