#!/usr/bin/env bash
# A store can be written outside of this package: the sources of InMemoryStore must compile with public names only.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/OutsideStore"
cat >"$folder/Package.swift" <<EOF
// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "outside-store", platforms: [.macOS(.v15)],
    dependencies: [.package(name: "taskflow-webhooks", path: "$root")],
    targets: [
        .target(
            name: "OutsideStore",
            dependencies: [
                .product(name: "TaskFlowWebhooks", package: "taskflow-webhooks"),
                .product(name: "WebhookStoreKit", package: "taskflow-webhooks"),
            ])
    ])
EOF
for source in "$root"/Sources/WebhookTesting/Store/*.swift; do
  { printf 'import TaskFlowWebhooks\nimport WebhookStoreKit\n'
    sed -E '/^(public|internal) import Webhook/d; s/^internal import/import/' "$source"
  } >"$folder/Sources/OutsideStore/$(basename "$source")"
done
swift build --package-path "$folder" "$@" 2>&1 | grep -E 'error:|Build complete' >"$folder/log" || true
if ! grep -q 'Build complete' "$folder/log"; then
  echo "FAILED: InMemoryStore uses names that a store in another package cannot use:"
  cat "$folder/log"
  exit 1
fi
