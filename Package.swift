// swift-tools-version: 6.2
import PackageDescription

// The core has no package dependency. Everything outside it sits behind a trait, and no trait is on by default,
// so a consumer that only verifies resolves and builds nothing but this package and links libcrypto.
let package = Package(
    name: "taskflow-webhooks",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "TaskFlowWebhooks", targets: ["TaskFlowWebhooks"]),
        .library(name: "WebhookSigning", targets: ["WebhookSigning"]),
        .library(name: "WebhookReceiving", targets: ["WebhookReceiving"]),
        .library(name: "WebhookREST", targets: ["WebhookREST"]),
        .library(name: "WebhookStoreKit", targets: ["WebhookStoreKit"]),
        .library(name: "WebhookTesting", targets: ["WebhookTesting"]),
        .library(name: "WebhookConformance", targets: ["WebhookConformance"]),
        .library(name: "WebhookSimulation", targets: ["WebhookSimulation"]),
        .library(name: "WebhookHTTPTransport", targets: ["WebhookHTTPTransport"]),
        .library(name: "WebhookAsyncHTTPClient", targets: ["WebhookAsyncHTTPClient"]),
        .library(name: "WebhookSQLite", targets: ["WebhookSQLite"]),
        .library(name: "WebhookPostgreSQL", targets: ["WebhookPostgreSQL"]),
    ],
    traits: [
        .trait(
            name: "HTTPTransport", description: "HTTPTransport: sends webhooks over HTTP/1.1 and TLS (SwiftNIO, NIOSSL)"
        ),
        .trait(
            name: "AsyncHTTPClient",
            description: "AsyncHTTPClientTransport: sends webhooks through a client that the host has already"),
        .trait(name: "SQLite", description: "SQLiteStore: a durable store in one SQLite file (GRDB)"),
        .trait(name: "PostgreSQL", description: "PostgresStore: a durable store for many workers (libpq)"),
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CLibSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CLibCAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"]), .brew(["c-ares"])]),
        .target(name: "WebhookEvents"),
        .target(name: "WebhookSystem", dependencies: ["WebhookEvents"], path: "Sources/Adapters/System"),
        .target(name: "WebhookPayload", dependencies: ["WebhookEvents"]),
        .target(name: "WebhookSigning", dependencies: ["CLibCrypto", "WebhookEvents", "WebhookPayload"]),
        .target(name: "WebhookRetries", dependencies: ["WebhookEvents"]),
        .target(name: "WebhookLimits", dependencies: ["WebhookEvents", "WebhookPayload"]),
        .target(
            name: "WebhookDelivery",
            dependencies: ["WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits"]),
        .target(
            name: "WebhookStoreKit",
            dependencies: [
                "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery",
            ]),
        .target(
            name: "WebhookReceiving",
            dependencies: ["WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookSystem"]),
        .target(
            name: "WebhookREST",
            dependencies: [
                "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery",
            ]),
        .target(
            name: "TaskFlowWebhooks",
            dependencies: [
                "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery", "WebhookSystem",
            ]),
        .target(
            name: "WebhookTesting",
            dependencies: [
                "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery", "WebhookStoreKit", "WebhookReceiving",
            ]),
        .target(
            name: "WebhookConformance",
            dependencies: [
                "CLibSSL", "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery", "WebhookReceiving", "WebhookTesting",
            ]),
        .target(
            name: "WebhookSimulation",
            dependencies: [
                "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery", "WebhookStoreKit", "WebhookReceiving", "WebhookTesting",
            ]),
        .target(
            name: "WebhookResolver",
            dependencies: [
                "WebhookDelivery", "WebhookEvents", "WebhookLimits", "WebhookRetries",
                .target(name: "CLibCAres", condition: .when(traits: ["HTTPTransport", "AsyncHTTPClient"])),
                .product(
                    name: "NIOPosix", package: "swift-nio",
                    condition: .when(traits: ["HTTPTransport", "AsyncHTTPClient"])),
            ],
            path: "Sources/Adapters/Resolver"),
        .target(
            name: "WebhookHTTP1",
            dependencies: ["WebhookDelivery", "WebhookLimits", "WebhookPayload", "WebhookRetries"],
            path: "Sources/Adapters/HTTP1"),
        .target(
            name: "WebhookAsyncHTTPClient",
            dependencies: [
                "WebhookDelivery", "WebhookEvents", "WebhookHTTP1", "WebhookLimits", "WebhookPayload",
                "WebhookResolver",
                "WebhookRetries",
                .product(
                    name: "AsyncHTTPClient", package: "async-http-client",
                    condition: .when(traits: ["AsyncHTTPClient"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["AsyncHTTPClient"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["AsyncHTTPClient"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["AsyncHTTPClient"])),
            ],
            path: "Sources/Adapters/AsyncHTTPClient"),
        .target(
            name: "WebhookHTTPTransport",
            dependencies: [
                "WebhookHTTP1", "WebhookResolver",
                "WebhookEvents", "WebhookPayload", "WebhookRetries", "WebhookLimits", "WebhookDelivery",
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTPTransport"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTPTransport"])),
                .product(name: "NIOTLS", package: "swift-nio", condition: .when(traits: ["HTTPTransport"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["HTTPTransport"])),
            ],
            path: "Sources/Adapters/HTTPTransport"),
        .target(
            name: "WebhookSQLite",
            dependencies: [
                "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery", "WebhookStoreKit", "WebhookReceiving", "WebhookSystem",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
                .product(name: "GRDBSQLite", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
            ],
            path: "Sources/Adapters/SQLite"),
        .target(
            name: "WebhookPostgreSQL",
            dependencies: [
                "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookRetries", "WebhookLimits",
                "WebhookDelivery", "WebhookStoreKit", "WebhookReceiving",
                .target(name: "CLibPQ", condition: .when(traits: ["PostgreSQL"])),
            ],
            path: "Sources/Adapters/PostgreSQL"),
        .target(
            name: "TestSupport",
            dependencies: ["WebhookDelivery", "WebhookEvents", "WebhookLimits", "WebhookSigning", "WebhookStoreKit"],
            path: "Tests/Support"),
        // A worker as a host would write it, for the crash test and the benchmarks of the stores.
        .executableTarget(
            name: "StoreWorker",
            dependencies: [
                "TaskFlowWebhooks", "WebhookHTTPTransport", "WebhookPostgreSQL", "WebhookResolver", "WebhookSQLite",
                "WebhookTesting",
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTPTransport"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTPTransport"])),
            ],
            path: "Tests/StoreWorker"),
        .testTarget(name: "WebhookEventsTests", dependencies: ["WebhookEvents"]),
        .testTarget(
            name: "WebhookPayloadTests",
            dependencies: ["TestSupport", "WebhookEvents", "WebhookPayload", "WebhookTesting"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "WebhookSigningTests",
            dependencies: ["TestSupport", "WebhookEvents", "WebhookPayload", "WebhookSigning", "WebhookTesting"]),
        .testTarget(
            name: "WebhookRetriesTests",
            dependencies: ["WebhookEvents", "WebhookPayload", "WebhookRetries", "WebhookTesting"]),
        .testTarget(
            name: "WebhookLimitsTests",
            dependencies: ["TestSupport", "WebhookEvents", "WebhookLimits", "WebhookPayload"]),
        .testTarget(
            name: "WebhookDeliveryTests",
            dependencies: ["TaskFlowWebhooks", "TestSupport", "WebhookStoreKit", "WebhookTesting"]),
        .testTarget(
            name: "WebhookReceivingTests",
            dependencies: ["WebhookDelivery", "WebhookReceiving", "WebhookConformance", "WebhookTesting"]),
        .testTarget(
            name: "WebhookRESTTests",
            dependencies: ["TaskFlowWebhooks", "TestSupport", "WebhookREST", "WebhookStoreKit", "WebhookTesting"]),
        .testTarget(
            name: "WebhookTestingTests",
            dependencies: [
                "TaskFlowWebhooks", "TestSupport", "WebhookReceiving", "WebhookConformance", "WebhookTesting",
            ]),
        .testTarget(
            name: "WebhookStoreKitTests",
            dependencies: [
                "TaskFlowWebhooks", "TestSupport", "WebhookConformance", "WebhookStoreKit", "WebhookTesting",
            ]),
        .testTarget(
            name: "WebhookConformanceTests",
            dependencies: ["TaskFlowWebhooks", "TestSupport", "WebhookConformance", "WebhookTesting"]),
        .testTarget(
            name: "WebhookSimulationTests",
            dependencies: [
                "TaskFlowWebhooks", "TestSupport", "WebhookReceiving", "WebhookSimulation", "WebhookTesting",
            ]),
        .testTarget(
            name: "WebhookHTTPTransportTests",
            dependencies: [
                "TaskFlowWebhooks", "TestSupport", "WebhookHTTPTransport", "WebhookConformance", "WebhookTesting",
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTPTransport"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTPTransport"])),
            ]),
        .testTarget(
            name: "WebhookResolverTests",
            dependencies: [
                "TaskFlowWebhooks", "WebhookAsyncHTTPClient", "WebhookHTTPTransport", "WebhookResolver",
                "WebhookConformance", "WebhookTesting",
                .product(
                    name: "AsyncHTTPClient", package: "async-http-client",
                    condition: .when(traits: ["AsyncHTTPClient"])),
                .product(
                    name: "NIOCore", package: "swift-nio",
                    condition: .when(traits: ["HTTPTransport", "AsyncHTTPClient"])),
                .product(
                    name: "NIOPosix", package: "swift-nio",
                    condition: .when(traits: ["HTTPTransport", "AsyncHTTPClient"])),
            ]),
        .testTarget(
            name: "WebhookHTTP1Tests",
            dependencies: ["TaskFlowWebhooks", "WebhookHTTP1", "WebhookTesting"]),
        .testTarget(
            name: "WebhookAsyncHTTPClientTests",
            dependencies: [
                "TaskFlowWebhooks", "WebhookAsyncHTTPClient", "WebhookConformance", "WebhookTesting",
                .product(
                    name: "AsyncHTTPClient", package: "async-http-client",
                    condition: .when(traits: ["AsyncHTTPClient"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["AsyncHTTPClient"])),
            ]),
        .testTarget(
            name: "WebhookSQLiteTests",
            dependencies: [
                "TaskFlowWebhooks", "TestSupport", "WebhookReceiving", "WebhookSQLite", "WebhookConformance",
                "WebhookStoreKit", "WebhookTesting",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
            ]),
        .testTarget(
            name: "WebhookPostgreSQLTests",
            dependencies: [
                "TaskFlowWebhooks", "TestSupport", "WebhookPostgreSQL", "WebhookReceiving", "WebhookConformance",
                "WebhookStoreKit", "WebhookTesting",
                .target(name: "CLibPQ", condition: .when(traits: ["PostgreSQL"])),
            ]),
        .testTarget(
            name: "InteropTests",
            dependencies: ["TaskFlowWebhooks", "WebhookHTTPTransport", "WebhookReceiving", "WebhookTesting"],
            path: "Tests/Interop",
            exclude: [
                "cross_check.py", "hummingbird.sh", "peers", "idna_labels.py", "url_parsers.mjs",
                "validate_reference.py",
                "verify_server.py",
            ]),
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "TaskFlowWebhooks", "TestSupport", "WebhookHTTPTransport", "WebhookReceiving", "WebhookSQLite",
                "WebhookTesting",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        // Views of received bytes borrow them, checked by the compiler: Docs/Decisions/0008.
        .enableExperimentalFeature("Lifetimes"),
    ]
}
