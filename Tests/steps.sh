# Sourced by `Tests/run.sh`: its steps, one function each.

strict=(-Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error)
core=(--scratch-path .build-core "${strict[@]}")
all=(--scratch-path .build-all "${strict[@]}" -Xcc -g0)
python=.build-all/python
tfhook=.build-core/debug/tfhook

times=()

# step TITLE COMMAND…: runs a step and records its time.
step() {
  local title=$1 begin=$SECONDS
  shift
  say "== $title"
  "$@"
  times+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$title")")
}

report_steps() {
  say "== Time of each step"
  printf '%s\n' "${times[@]}"
  printf '%5d s  in all\n' "$SECONDS"
}

# results COUNT: passes on failures and the test runner's closing line; fails if fewer tests ran, because a filter without
# a match passes.
results() {
  awk -v least="$1" '/^✘|recorded an issue|error:|Test run with/
    /Test run with/ { count += $5 }
    END { if (count + 0 < least) { print "FAILED: " count " tests ran, at least " least " expected"; exit 1 } }'
}

without_traits() {
  # Remove the pins of earlier builds with traits: SwiftPM would fetch these packages even if nothing needs them.
  rm -rf Package.resolved .build-core/checkouts .build-core/workspace-state.json
  swift build --build-tests "${core[@]}" 2>&1 | thin 100
  if [ -n "$(ls .build-core/checkouts 2>/dev/null)" ]; then
    say "FAILED: a build without traits resolved packages: $(ls .build-core/checkouts)"
    return 1
  fi
  swift test "${core[@]}" 2>&1 | results 300
}

simulator() { bash Tests/Simulation/run.sh --quick; }

simulator_all() {
  bash Tests/Simulation/run.sh --determinism
  bash Tests/Simulation/run.sh --seeds 5000
  bash Tests/Simulation/run.sh --mutants
}

custom_simulation() {
  swift build --package-path Examples/Simulation -Xcc -g0 2>&1 | thin 100
  local mine found
  mine="$(swift build --package-path Examples/Simulation -Xcc -g0 --show-bin-path)/SimulateMine"
  "$mine" 40
  found=$("$mine" 500 --forgetful || true)
  grep -q '^seed .* violates' <<<"$found" || { say "FAILED: the simulator did not find the mistake of --forgetful"; return 1; }
  head -n 1 <<<"$found"
}

verify_only() {
  local program libraries small
  swift build --package-path Examples/VerifyOnly "${core[@]}" 2>&1 | thin 100
  program=.build-core/debug/VerifyOnly
  "$program"
  # Of the dynamic build: a static one would hide Foundation.
  libraries=$(ldd "$program")
  grep -q libcrypto <<<"$libraries" || { say "FAILED: $program does not link libcrypto"; return 1; }
  if grep libFoundation <<<"$libraries"; then
    say "FAILED: $program links Foundation"
    return 1
  fi
  swift build -c release --static-swift-stdlib --package-path Examples/VerifyOnly 2>&1 | thin 100
  small=$(mktemp)
  strip -o "$small" Examples/VerifyOnly/.build/release/VerifyOnly
  "$small" >/dev/null
  say "stripped, with Swift's standard library linked statically: $(stat -c %s "$small" | awk '{ printf "%.1f MB", $1 / 1e6 }')"
  rm "$small"
}

tools() {
  mkdir -p .build-all
  [ -x $python/bin/python ] || python3 -m venv $python
  $python/bin/pip install --quiet --disable-pip-version-check \
    standardwebhooks svix cryptography jsonschema rfc3339-validator openapi-spec-validator idna==3.13 'unicodedata2==17.0.*'
  # In debug mode, with the modules that the tests without traits have built.
  swift build --package-path Examples/CommandLine "${core[@]}" --product tfhook 2>&1 | thin 100
}

launcher() { bash Examples/tfhook --version; }

vectors() {
  $tfhook verify --jsonl <Tests/Fixtures/signature-vectors.jsonl >/dev/null
  $python/bin/python Tests/Fixtures/make_vectors.py | cmp - Tests/Fixtures/signature-vectors.jsonl
  $python/bin/python Tests/Fixtures/make_bodies.py | cmp - Tests/Fixtures/event-bodies.jsonl
  local table
  for table in addresses urls; do
    $python/bin/python Tests/Fixtures/make_endpoints.py $table | cmp - Tests/Fixtures/endpoint-$table.jsonl
  done
  $tfhook check-ip --jsonl <Tests/Fixtures/endpoint-addresses.jsonl >/dev/null
  $tfhook check-url --jsonl <Tests/Fixtures/endpoint-urls.jsonl >/dev/null
}

endpoint_peers() {
  node Tests/Interop/url_parsers.mjs $tfhook
  $python/bin/python Tests/Interop/idna_labels.py $tfhook
  local tables table
  tables=$(mktemp -d)
  $python/bin/python Tests/Fixtures/make_idna.py "$tables"
  for table in "$tables"/*; do cmp "$table" "Sources/WebhookLimits/Endpoint/IDNA/${table##*/}"; done
  rm -r "$tables"
}

interoperability() {
  $python/bin/python Tests/Interop/cross_check.py $tfhook
  $python/bin/python Tests/Interop/validate_reference.py
}

# The demo, with the packages that the build with all traits has built.
demo() { TASKFLOW_BUILD_OPTIONS="--scratch-path $root/.build-all ${strict[*]} -Xcc -g0" bash Examples/demo.sh --crash; }

build_all() { swift build --build-tests "${all[@]}" --enable-all-traits 2>&1 | thin 100; }

with_traits() {
  postgres=$(mktemp -d)
  trap stop_postgres EXIT
  postgres_start "$postgres"
  pgbouncer_start "$postgres"
  export TASKFLOW_TEST_PYTHON="$root/$python/bin/python" TASKFLOW_TEST_TFHOOK="$root/$tfhook"
  TASKFLOW_TEST_POSTGRES=$(postgres_url "$postgres") TASKFLOW_TEST_PGBOUNCER=$(pgbouncer_url "$postgres")
  export TASKFLOW_TEST_POSTGRES TASKFLOW_TEST_PGBOUNCER
  # One test at a time, in two processes: some tests check deadlines, and would miss them beside many others. Without
  # --all, the suites that need no trait are left out: they ran already.
  local databases='^(InteropTests|DocumentationTests|WebhookPostgreSQLTests)\.'
  local needed=(--filter '^Webhook(HTTPTransport|Resolver|HTTP1|AsyncHTTPClient|SQLite)Tests\.')
  if $rest; then needed=(--skip "$databases"); fi
  tests_with_traits 120 "${needed[@]}" >"$postgres/others" &
  local others=$! status=0
  tests_with_traits 60 --filter "$databases" || status=$?
  wait $others || status=$?
  cat "$postgres/others"
  [ "$status" -eq 0 ]
  stop_postgres
}

# tests_with_traits COUNT OPTION…: without `swift test`, whose lock of the build folder would make one process wait for the
# other.
tests_with_traits() {
  local count=$1
  shift
  NO_COLOR=1 .build-all/debug/taskflow-webhooksPackageTests.xctest --testing-library swift-testing --no-parallel "$@" 2>&1 |
    results "$count"
}

stop_postgres() {
  trap - EXIT
  pgbouncer_stop "$postgres"
  postgres_stop "$postgres"
  rm -rf "$postgres"
}

crashes() {
  export TASKFLOW_SKIP_BUILD=1
  local log status=0
  log=$(mktemp)
  bash Tests/Crash/run.sh --store sqlite --rounds 3 >"$log" 2>&1 &
  bash Tests/Crash/run.sh --store postgres --rounds 3 || status=$?
  wait $! || status=$?
  cat "$log"
  rm "$log"
  return "$status"
}

crashes_all() {
  export TASKFLOW_SKIP_BUILD=1
  # For long runs: --rounds 100, --seconds 600.
  bash Tests/Crash/run.sh --store sqlite --rounds 10
  bash Tests/Crash/run.sh --store postgres --rounds 15
  bash Tests/Crash/run.sh --workers --seconds 30
  bash Tests/Crash/run.sh --faults
}

traits_alone() {
  # In a fixed order: SwiftPM drops packages that a trait does not need, so the trait with the most packages is last.
  local traits trait
  traits=$(swift package dump-package | python3 -c 'import json, sys
print(*sorted((t["name"] for t in json.load(sys.stdin)["traits"] if t["name"] != "default"), reverse=True))')
  for trait in $traits; do
    say "-- $trait"
    swift build "${all[@]}" --traits "$trait" 2>&1 | thin 100
  done
  bash Tests/missing-trait.sh
}

outside_store() { bash Tests/outside-store.sh "${core[@]}"; }

memory() {
  TASKFLOW_MEMORY_TEST=1 swift test "${all[@]}" --enable-all-traits --filter HostileEndpointTests 2>&1 |
    { grep -E '^✘|recorded an issue|error:|Test run with|resident memory'; }
}
