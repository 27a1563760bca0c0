#!/usr/bin/env bash
# If a consumer uses an adapter without its trait, the compiler must name the trait.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/Forgetful"
cat >"$folder/Package.swift" <<EOF
// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "forgetful", platforms: [.macOS(.v15)],
    dependencies: [.package(name: "taskflow-webhooks", path: "$root")],
    targets: [
        .executableTarget(
            name: "Forgetful",
            dependencies: [
                .product(name: "WebhookAsyncHTTPClient", package: "taskflow-webhooks"),
                .product(name: "WebhookHTTPTransport", package: "taskflow-webhooks"),
                .product(name: "WebhookPostgreSQL", package: "taskflow-webhooks"),
                .product(name: "WebhookSQLite", package: "taskflow-webhooks"),
            ])
    ])
EOF
cat >"$folder/Sources/Forgetful/main.swift" <<'EOF'
import WebhookAsyncHTTPClient
import WebhookHTTPTransport
import WebhookPostgreSQL
import WebhookSQLite
let transport: HTTPTransport? = nil
let client: AsyncHTTPClientTransport? = nil
let store: SQLiteStore? = nil
let server: PostgresStore? = nil
EOF
log=$(swift build --package-path "$folder" 2>&1 || true)
for trait in AsyncHTTPClient HTTPTransport PostgreSQL SQLite; do
  grep -q "needs the trait: .package(…, traits: \[\"$trait\"\])" <<<"$log" || {
    printf 'FAILED: the compiler does not name the trait %s:\n%s\n' "$trait" "$log"
    exit 1
  }
  printf '   %s\n' "$(grep -m1 -o "error: .*$trait.*" <<<"$log")"
done
