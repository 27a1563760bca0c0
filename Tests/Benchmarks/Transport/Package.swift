// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "transport-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "taskflow-webhooks", path: "../../..", traits: ["HTTPTransport"]),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .executableTarget(
            name: "TransportServer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .executableTarget(
            name: "TransportClient",
            dependencies: [
                .product(name: "TaskFlowWebhooks", package: "taskflow-webhooks"),
                .product(name: "WebhookHTTPTransport", package: "taskflow-webhooks"),
                .product(name: "WebhookTesting", package: "taskflow-webhooks"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
