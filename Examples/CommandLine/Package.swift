// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "command-line",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "tfhook", targets: ["tfhook"])],
    dependencies: [
        .package(name: "taskflow-webhooks", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "tfhook",
            dependencies: [
                .product(name: "TaskFlowWebhooks", package: "taskflow-webhooks"),
                .product(name: "WebhookReceiving", package: "taskflow-webhooks"),
                .product(name: "WebhookTesting", package: "taskflow-webhooks"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
