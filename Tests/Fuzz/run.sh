#!/usr/bin/env bash
# Fuzzes the code that parses untrusted bytes, compares the JSON reader with orjson,
# and the event reader with the functions of PostgreSQL. Installs what it needs.
#   bash Tests/Fuzz/run.sh [--runs N] [--seed S] [headers|envelope|receiver|endpoint|json|sql …]
# Each target gets N runs (100 000 by default). A crash prints its input; the exit code is then 1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../.ci/setup"

runs=100000 seed=$RANDOM targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --runs) runs=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    headers | envelope | receiver | endpoint | json | sql) targets+=("$1"); shift ;;
    *) sed -n '2,5s/^# *//p' "${BASH_SOURCE[0]}"; exit 64 ;;
  esac
done
[ "${#targets[@]}" -gt 0 ] || targets=(headers envelope receiver endpoint json sql)

need_swift
need_packages libssl-dev python3 python3-venv
cd "$here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# fuzz TARGET PROGRAM: one libFuzzer run on a copy of the committed corpus.
fuzz() {
  say "== $1: $runs runs, seed $seed"
  cp -r "corpus/$1" "$work/$1"
  # Swift's own crash handler would wait for a debugger; libFuzzer reports crashes itself.
  if ! SWIFT_BACKTRACE=enable=no ".build-fuzz/release/$2" -runs="$runs" -seed="$seed" -max_len=1500 -timeout=20 \
    -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$work/crash-" "$work/$1" </dev/null >"$work/$1.log" 2>&1; then
    failed=1
    tail -30 "$work/$1.log"
    for input in "$work"/crash-*; do [ -f "$input" ] && { say "input of the crash in base64:"; base64 "$input"; }; done
  fi
  grep -E '(DONE|pulse).*cov:' "$work/$1.log" | tail -1 || true
  grep -E 'stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)' "$work/$1.log" || true
}

# SwiftPM notices new files of the library only if the manifest is newer than the last build.
touch Package.swift
say "Building with libFuzzer's instrumentation"
for program in FuzzHeaders FuzzEnvelope FuzzReceiver FuzzEndpoint; do
  swift build -c release --sanitize fuzzer --scratch-path .build-fuzz --product $program 2>&1 | thin 50
done
for target in "${targets[@]}"; do
  case "$target" in
    headers) fuzz headers FuzzHeaders ;;
    envelope) fuzz envelope FuzzEnvelope ;;
    receiver) fuzz receiver FuzzReceiver ;;
    endpoint) fuzz endpoint FuzzEndpoint ;;
    json)
      say "== json: $runs mutated documents, compared with orjson"
      [ -x .build-python/bin/python ] || python3 -m venv .build-python
      .build-python/bin/pip install --quiet --disable-pip-version-check orjson
      swift build -c release --product JSONVerdicts 2>&1 | thin 50
      .build-python/bin/python json_differential.py .build/release/JSONVerdicts "$runs" "$seed" || failed=1
      ;;
    sql)
      say "== sql: $runs mutated events, compared with a temporary PostgreSQL server"
      need_packages libc-ares-dev libpq-dev libsqlite3-dev postgresql
      . "$here/../postgres.sh"
      server=$(mktemp -d)
      trap 'postgres_stop "$server"; rm -rf "$work" "$server"' EXIT
      postgres_start "$server"
      swift build -c release --product JSONVerdicts 2>&1 | thin 50
      # The crash test's worker creates the tables; it is built with the flags of the crash test.
      worker=(--package-path ../.. --scratch-path ../../.build-all -Xswiftc -warnings-as-errors
        --explicit-target-dependency-import-check error -Xcc -g0 --enable-all-traits)
      swift build "${worker[@]}" --product StoreWorker 2>&1 | thin 100
      "$(swift build "${worker[@]}" --show-bin-path)/StoreWorker" ledger "postgres:$(postgres_url "$server")" >/dev/null
      python3 sql_differential.py .build/release/JSONVerdicts "$(postgres_url "$server")" taskflow_webhooks "$runs" "$seed" || failed=1
      ;;
  esac
done
exit "$failed"
