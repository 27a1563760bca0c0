// swift-tools-version: 6.2
import PackageDescription

// A consumer on Hummingbird, with a body limit that is large enough for every event.
let package = Package(
    name: "hummingbird-receiver",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "taskflow-webhooks", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "HummingbirdReceiver",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "WebhookReceiving", package: "taskflow-webhooks"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
