#!/usr/bin/env bash
# Compares ours with its limit or peer in the same run: medians of several rounds. Does its own set-up.
#   bash Tests/Benchmarks/run.sh [--rounds N] [signing|json|receiver|constant-time|engine|scheduler|transport|stores|end-to-end|neighbours|hunt …]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../.ci/setup"

rounds=5 areas=()
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=$2; shift 2 ;;
    signing | json | receiver | constant-time | engine | scheduler | transport | stores | end-to-end | neighbours | hunt) areas+=("$1"); shift ;;
    *) sed -n '2,3s/^# *//p' "${BASH_SOURCE[0]}"; exit 64 ;;
  esac
done
[ "${#areas[@]}" -gt 0 ] || areas=(signing json receiver constant-time engine scheduler transport stores end-to-end neighbours)

need_swift
need_packages libssl-dev openssl python3 python3-venv
command -v node >/dev/null || need_packages nodejs
cd "$here"
[ -x .build-python/bin/python ] || python3 -m venv .build-python
.build-python/bin/pip install --quiet --disable-pip-version-check orjson standardwebhooks

# SwiftPM detects files that were added to the library only when the manifest is newer than the last build.
touch Package.swift Transport/Package.swift
alone=()
for area in "${areas[@]}"; do
  case "$area" in transport | stores | end-to-end | neighbours | hunt) ;; *) alone+=("$area") ;; esac
done
if [ "${#alone[@]}" -gt 0 ]; then
  say "Building in release, with swift-crypto for comparison"
  swift build -c release 2>&1 | thin 100
  .build-python/bin/python scoreboard.py .build/release/Benchmarks "$rounds" .build/scoreboard.json "${alone[@]}"
fi
for area in "${areas[@]}"; do
  case "$area" in engine | transport) ;; *) continue ;; esac
  need_packages libc-ares-dev wrk
  say "Building in release, with AsyncHTTPClient for comparison"
  swift build -c release --package-path Transport 2>&1 | thin 100
  .build-python/bin/python Transport/transport.py Transport/.build/release "$rounds" "Transport/.build/$area.json" "$area"
done
root=$(cd "$here/../.." && pwd)
for area in "${areas[@]}"; do
  case "$area" in stores | end-to-end | neighbours | hunt) ;; *) continue ;; esac
  need_packages gcc libc-ares-dev libc6-dev libpq-dev libsqlite3-dev postgresql procps
  .build-python/bin/pip install --quiet --disable-pip-version-check "procrastinate" "psycopg[binary,pool]"
  say "Building in release"
  build=(--package-path "$root" --scratch-path "$root/.build-bench" -c release --traits HTTPTransport,PostgreSQL,SQLite)
  swift build "${build[@]}" --product StoreWorker 2>&1 | thin 100
  folder=$(swift build "${build[@]}" --show-bin-path)
  kinds=()
  case "$area" in
    hunt) kinds=(hunt) ;&
    neighbours)
      .build-python/bin/python Neighbours/neighbours.py "$folder/StoreWorker" "$rounds" "$folder/$area.json" "${kinds[@]}"
      continue
      ;;
  esac
  cc -O2 -Wall -o "$folder/raw_sqlite" Stores/raw_sqlite.c -lsqlite3
  .build-python/bin/python Stores/stores.py "$folder/StoreWorker" "$folder/raw_sqlite" "$rounds" "$folder/$area.json" "$area"
done
