// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses the library resolves what it is compared with.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "taskflow-webhooks", path: "../.."),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                .product(name: "TaskFlowWebhooks", package: "taskflow-webhooks"),
                .product(name: "WebhookReceiver", package: "taskflow-webhooks"),
                .product(name: "WebhookTesting", package: "taskflow-webhooks"),
                .product(name: "Crypto", package: "swift-crypto"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
