// swift-tools-version: 6.2
import PackageDescription

// Long runs of the simulator, in separate processes that `run.sh` starts.
let package = Package(
    name: "simulation",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "taskflow-webhooks", path: "../..")],
    targets: [
        .executableTarget(
            name: "Simulate",
            dependencies: [
                .product(name: "TaskFlowWebhooks", package: "taskflow-webhooks"),
                .product(name: "WebhookSimulation", package: "taskflow-webhooks"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
