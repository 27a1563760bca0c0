// swift-tools-version: 6.2
import PackageDescription

// Runs a store, a custom deduplication store and handlers under every fault of the simulator.
let package = Package(
    name: "simulation-example",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "taskflow-webhooks", path: "../..", traits: ["SQLite"]),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "SimulateMine",
            dependencies: [
                .product(name: "TaskFlowWebhooks", package: "taskflow-webhooks"),
                .product(name: "WebhookReceiving", package: "taskflow-webhooks"),
                .product(name: "WebhookSQLite", package: "taskflow-webhooks"),
                .product(name: "WebhookSimulation", package: "taskflow-webhooks"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
