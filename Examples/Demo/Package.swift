// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "demo",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "taskflow-webhooks", path: "../..", traits: ["HTTPTransport", "SQLite"]),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        .target(name: "DemoJournal"),
        .executableTarget(
            name: "DemoHost",
            dependencies: [
                "DemoJournal",
                .product(name: "TaskFlowWebhooks", package: "taskflow-webhooks"),
                .product(name: "WebhookHTTPTransport", package: "taskflow-webhooks"),
                .product(name: "WebhookSQLite", package: "taskflow-webhooks"),
            ]),
        .executableTarget(
            name: "DemoConsumer",
            dependencies: [
                "DemoJournal",
                .product(name: "WebhookReceiving", package: "taskflow-webhooks"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
