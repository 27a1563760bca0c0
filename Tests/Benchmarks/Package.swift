// swift-tools-version: 6.2
import PackageDescription

// A separate package, so that users of the library do not resolve the peers that it is compared with.
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
                .product(name: "WebhookReceiving", package: "taskflow-webhooks"),
                .product(name: "WebhookTesting", package: "taskflow-webhooks"),
                .product(name: "Crypto", package: "swift-crypto"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
