#!/usr/bin/env bash
# Runs all tests: without traits, each trait alone, the examples, and everything with all traits. Installs what is missing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. .ci/setup
. Tests/postgres.sh

need_swift
need_packages binutils libc-ares-dev libpq-dev libssl-dev libsqlite3-dev openssl postgresql procps python3 python3-venv perl
command -v node >/dev/null || need_packages nodejs
command -v java >/dev/null || need_packages default-jdk-headless

strict=(-Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error)
core=(--scratch-path .build-core "${strict[@]}")
all=(--scratch-path .build-all "${strict[@]}" -Xcc -g0)

# results: passes on failures and the test runner's closing line.
results() { grep -E '^✘|recorded an issue|error:|Test run with'; }

say "== Tests without traits, which must resolve no package"
# Remove the pins of earlier builds with traits: SwiftPM would fetch these packages even if nothing needs them.
rm -rf Package.resolved .build-core/checkouts .build-core/workspace-state.json
swift build --build-tests "${core[@]}" 2>&1 | thin 100
if [ -n "$(ls .build-core/checkouts 2>/dev/null)" ]; then
  say "FAILED: a build without traits resolved packages: $(ls .build-core/checkouts)"
  exit 1
fi
swift test "${core[@]}" 2>&1 | results

say "== Simulator: reproducible runs, 5000 seeds, and planted bugs that must be found"
bash Tests/Simulation/run.sh --determinism
bash Tests/Simulation/run.sh --seeds 5000
bash Tests/Simulation/run.sh --mutants

say "== Simulator with custom adapters and handlers, and a mistake that must be found"
swift build --package-path Examples/Simulation -Xcc -g0 2>&1 | thin 100
mine="$(swift build --package-path Examples/Simulation -Xcc -g0 --show-bin-path)/SimulateMine"
"$mine" 40
if found=$("$mine" 500 --forgetful); then say "FAILED: the simulator did not find the mistake of --forgetful"; exit 1; fi
head -n 1 <<<"$found"

say "== A verify-only consumer must link libcrypto and not Foundation"
swift build --package-path Examples/VerifyOnly 2>&1 | thin 100
program="$(swift build --package-path Examples/VerifyOnly --show-bin-path)/VerifyOnly"
"$program"
libraries=$(ldd "$program")
grep -q libcrypto <<<"$libraries" || { say "FAILED: $program does not link libcrypto"; exit 1; }
if grep libFoundation <<<"$libraries"; then say "FAILED: $program links Foundation"; exit 1; fi
swift build -c release --static-swift-stdlib --package-path Examples/VerifyOnly 2>&1 | thin 100
small=$(mktemp)
strip -o "$small" Examples/VerifyOnly/.build/release/VerifyOnly
"$small" >/dev/null
say "stripped, with Swift's standard library linked statically: $(stat -c %s "$small" | awk '{ printf "%.1f MB", $1 / 1e6 }')"
rm "$small"

say "== Test vectors: verified by tfhook, and equal to those of the independent script"
python=.build-all/python
[ -x $python/bin/python ] || python3 -m venv $python
$python/bin/pip install --quiet --disable-pip-version-check \
  standardwebhooks svix cryptography jsonschema rfc3339-validator openapi-spec-validator idna==3.13 'unicodedata2==17.0.*'
bash Examples/tfhook verify --jsonl <Tests/Fixtures/signature-vectors.jsonl >/dev/null
$python/bin/python Tests/Fixtures/make_vectors.py | cmp - Tests/Fixtures/signature-vectors.jsonl
$python/bin/python Tests/Fixtures/make_bodies.py | cmp - Tests/Fixtures/event-bodies.jsonl

say "== Endpoint tables: checked by tfhook; Node's parser must find the same hosts and ports"
for table in addresses urls; do
  $python/bin/python Tests/Fixtures/make_endpoints.py $table | cmp - Tests/Fixtures/endpoint-$table.jsonl
done
bash Examples/tfhook check-ip --jsonl <Tests/Fixtures/endpoint-addresses.jsonl >/dev/null
bash Examples/tfhook check-url --jsonl <Tests/Fixtures/endpoint-urls.jsonl >/dev/null
node Tests/Interop/url_parsers.mjs Examples/CommandLine/.build/release/tfhook
$python/bin/python Tests/Interop/idna_labels.py Examples/CommandLine/.build/release/tfhook
tables=$(mktemp -d)
$python/bin/python Tests/Fixtures/make_idna.py "$tables"
for table in "$tables"/*; do cmp "$table" "Sources/WebhookLimits/Endpoint/IDNA/${table##*/}"; done
rm -r "$tables"

say "== Interoperability: other languages verify our signatures, and we verify theirs"
$python/bin/python Tests/Interop/cross_check.py Examples/CommandLine/.build/release/tfhook

say "== The Hummingbird example accepts events of every size"
bash Tests/Interop/hummingbird.sh

say "== Schemas and API documents, checked with third-party validators"
$python/bin/python Tests/Interop/validate_reference.py

say "== Each trait builds alone"
# In a fixed order: SwiftPM drops packages that a trait does not need, so the trait with the most packages is last.
traits=$(swift package dump-package | python3 -c 'import json, sys
print(*sorted((t["name"] for t in json.load(sys.stdin)["traits"] if t["name"] != "default"), reverse=True))')
for trait in $traits; do
  say "-- $trait"
  swift build "${all[@]}" --traits "$trait" 2>&1 | thin 100
done

say "== If a trait is missing, the compiler names it"
bash Tests/forgotten-trait.sh

say "== The demo with a crash"
bash Examples/demo.sh --crash

say "== Tests with all traits, against Python's verifiers and a temporary PostgreSQL server"
swift build --build-tests "${all[@]}" --enable-all-traits 2>&1 | thin 100
postgres=$(mktemp -d)
trap 'pgbouncer_stop "$postgres"; postgres_stop "$postgres"; rm -rf "$postgres"' EXIT
postgres_start "$postgres"
pgbouncer_start "$postgres"
# Not in parallel: some tests check deadlines, and would miss them beside a test that uses the CPU.
TASKFLOW_TEST_POSTGRES="$(postgres_url "$postgres")" TASKFLOW_TEST_PGBOUNCER="$(pgbouncer_url "$postgres")" \
  TASKFLOW_TEST_PYTHON="$root/$python/bin/python" TASKFLOW_TEST_TFHOOK="$root/Examples/CommandLine/.build/release/tfhook" \
  swift test "${all[@]}" --enable-all-traits --no-parallel 2>&1 | results

say "== No event is lost: workers and servers killed under load, workers without faults, faults other than crashes"
# For long runs: --rounds 100, --seconds 600.
bash Tests/Crash/run.sh --store sqlite --rounds 10
bash Tests/Crash/run.sh --store postgres --rounds 15
bash Tests/Crash/run.sh --workers --seconds 30
bash Tests/Crash/run.sh --faults

say "== Memory use with hostile endpoints, in a separate process"
TASKFLOW_MEMORY_TEST=1 swift test "${all[@]}" --enable-all-traits --filter HostileEndpointTests 2>&1 |
  { grep -E '^✘|recorded an issue|error:|Test run with|resident memory'; }
