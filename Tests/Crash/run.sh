#!/usr/bin/env bash
# Kills real workers, and on PostgreSQL the server as well, at random moments under load; exits with 1 if anything was lost.
#   bash Tests/Crash/run.sh --store sqlite|postgres [--rounds N] [--seed N]
# Several workers without a fault, on PostgreSQL: nothing may be sent twice, and quotas are exact.
#   bash Tests/Crash/run.sh --workers [--seconds N]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/.ci/setup"

store='' rounds=100 seed=$RANDOM seconds=600
while [ $# -gt 0 ]; do
  case "$1" in
    --store) store=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --workers) store=workers; shift ;;
    --seconds) seconds=$2; shift 2 ;;
    *) store=''; break ;;
  esac
done
case "$store" in sqlite | postgres | workers) ;; *) sed -n '2,5s/^# *//p' "${BASH_SOURCE[0]}"; exit 64 ;; esac

need_swift
need_packages libpq-dev libsqlite3-dev libssl-dev postgresql procps python3
build=(--package-path "$root" --scratch-path "$root/.build-all" -Xswiftc -warnings-as-errors
  --explicit-target-dependency-import-check error -Xcc -g0 --enable-all-traits)
swift build "${build[@]}" --product StoreWorker 2>&1 | thin 100
worker="$(swift build "${build[@]}" --show-bin-path)/StoreWorker"
if [ "$store" = workers ]; then
  python3 "$root/Tests/Crash/workers.py" "$worker" "$seconds"
else
  python3 "$root/Tests/Crash/crash.py" "$worker" "$store" "$rounds" "$seed"
fi
