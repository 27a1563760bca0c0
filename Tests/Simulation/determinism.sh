#!/usr/bin/env bash
# Runs the same seeds in separate processes, in debug and release, with and without random hashing; the runs must be the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/setup
need_swift

for configuration in debug release; do
  swift build -c $configuration --package-path Tests/Simulation 2>&1 | thin 100
done
reference=$(mktemp)
trap 'rm -f "$reference"' EXIT
Tests/Simulation/.build/release/Simulate 1 200 hashes >"$reference"
same() { cmp -s - "$reference" || { say "FAILED: $1 runs differently"; exit 1; }; say "the same 200 runs: $1"; }
Tests/Simulation/.build/release/Simulate 1 200 hashes | same "another process"
SWIFT_DETERMINISTIC_HASHING=1 Tests/Simulation/.build/release/Simulate 1 200 hashes | same "deterministic hashing"
Tests/Simulation/.build/debug/Simulate 1 200 hashes | same "debug"
