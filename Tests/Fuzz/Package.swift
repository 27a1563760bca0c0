// swift-tools-version: 6.2
import PackageDescription

// Build with `swift build -c release --sanitize fuzzer`, which instruments the library and links libFuzzer's main.
let library = [Target.Dependency.product(name: "WebhookReceiving", package: "taskflow-webhooks")]
let sender = [Target.Dependency.product(name: "TaskFlowWebhooks", package: "taskflow-webhooks")]
let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "taskflow-webhooks", path: "../..")],
    targets: ["FuzzHeaders", "FuzzEnvelope", "FuzzReceiver", "FuzzEndpoint"].map { name in
        .executableTarget(
            name: name, dependencies: name == "FuzzEndpoint" ? sender : library,
            swiftSettings: [.unsafeFlags(["-parse-as-library"])])
    } + [.executableTarget(name: "JSONVerdicts", dependencies: library)],
    swiftLanguageModes: [.v6]
)
