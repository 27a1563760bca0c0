#!/usr/bin/env bash
# Demo: a host publishes a story of events, and a consumer that fails at first receives every one of them.
#   bash Examples/demo.sh [--crash] [events.jsonl]
# --crash kills the host (kill -9) halfway and restarts it on the same database.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../.ci/setup"

crash=false
events="$here/Demo/story.jsonl"
for argument in "$@"; do
  case "$argument" in
    --crash) crash=true ;;
    -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) say "unknown option $argument (try --help)"; exit 64 ;;
    *) events=$argument ;;
  esac
done
[ -r "$events" ] || { say "cannot read $events"; exit 66; }

need_swift
need_packages libc-ares-dev libssl-dev libsqlite3-dev

say "Building the host and the consumer (the first build takes a few minutes, mostly for SwiftNIO's TLS)"
# The tests pass a scratch path, so that packages that they have built are not built again.
build=(swift build --package-path "$here/Demo" ${TASKFLOW_BUILD_OPTIONS:---disable-index-store -Xcc -g0})
if [ -t 1 ]; then "${build[@]}"; else "${build[@]}" 2>&1 | thin 50; fi
programs=$("${build[@]}" --show-bin-path)

data=$(mktemp -d)
consumer='' host=''
cleanup() {
  [ -z "$host" ] || kill -9 "$host" 2>/dev/null || true
  [ -z "$consumer" ] || kill "$consumer" 2>/dev/null || true
  rm -rf "$data"
}
trap cleanup EXIT

# Each webhook's secret is shared by the host and the consumer only.
secret() { printf 'whsec_%s' "$(head -c 32 /dev/urandom | base64 | tr -d '\n')"; }
DEMO_MAIN_SECRET=$(secret) DEMO_AUDIT_SECRET=$(secret)
export DEMO_MAIN_SECRET DEMO_AUDIT_SECRET

say; say "Starting the consumer"
"$programs/DemoConsumer" "$data/journal.jsonl" "$data/port" &
consumer=$!
for _ in $(seq 200); do [ -s "$data/port" ] && break; sleep 0.05; done
[ -s "$data/port" ] || { say "the consumer did not start"; exit 1; }
port=$(cat "$data/port")
say "  listening on 127.0.0.1:$port; at first it answers 500, hangs, closes connections, and uses a wrong secret"

run_host() { "$programs/DemoHost" "$events" "$data/webhooks.sqlite" "$data/journal.jsonl" "$port"; }

say "Starting the host"
if $crash; then
  "$programs/DemoHost" "$events" "$data/webhooks.sqlite" "$data/journal.jsonl" "$port" &
  host=$!
  # Halfway: a third of the events, at most 60, have been handled.
  third=$(($(wc -l <"$events") / 3))
  middle=$((third < 60 ? third : 60))
  while kill -0 "$host" 2>/dev/null && [ "$(grep -c '"handled"' "$data/journal.jsonl" || true)" -lt "$middle" ]; do sleep 0.05; done
  kill -9 "$host" 2>/dev/null || { say "FAILED: the host finished before it could be killed. Use a longer story."; exit 1; }
  wait "$host" 2>/dev/null || true
  host=''
  say; say "Killed the host with kill -9 after $(grep -c '"handled"' "$data/journal.jsonl") handled events. Restarting it"
fi
status=0
run_host || status=$?
[ "$status" -eq 0 ] && say "" && say "Every event arrived exactly as published." || say "FAILED: see the summary."
exit "$status"
