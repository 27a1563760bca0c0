#!/usr/bin/env bash
# Kills real workers, and on PostgreSQL the server as well, at random moments under load; exits with 1 if anything was lost.
#   bash Tests/Crash/run.sh --store sqlite|postgres [--rounds N] [--seed N]
# Runs several workers without faults, on PostgreSQL: nothing may be sent twice, and quotas are exact.
#   bash Tests/Crash/run.sh --workers [--seconds N]
# Injects faults that are not crashes: a paused worker, a full disk, wrong clocks, a read-only server, a replica, TLS.
#   bash Tests/Crash/run.sh --faults
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/.ci/setup"

store='' rounds=100 seed=$RANDOM seconds=600
while [ $# -gt 0 ]; do
  case "$1" in
    --store) store=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --workers | --faults) store=${1#--}; shift ;;
    --seconds) seconds=$2; shift 2 ;;
    *) store=''; break ;;
  esac
done
case "$store" in sqlite | postgres | workers | faults) ;; *) sed -n '2,7s/^# *//p' "${BASH_SOURCE[0]}"; exit 64 ;; esac

need_swift
need_packages libc-ares-dev libpq-dev libsqlite3-dev libssl-dev openssl postgresql procps python3
build=(--package-path "$root" --scratch-path "$root/.build-all" -Xswiftc -warnings-as-errors
  --explicit-target-dependency-import-check error -Xcc -g0 --enable-all-traits)
worker="$(swift build "${build[@]}" --show-bin-path)/StoreWorker"
# Tests/run.sh has built it, with the tests; another build would compile everything again.
if [ -z "${TASKFLOW_SKIP_BUILD:-}" ] || [ ! -x "$worker" ]; then
  swift build "${build[@]}" --product StoreWorker 2>&1 | thin 100
fi
case "$store" in
  workers) python3 "$root/Tests/Crash/workers.py" "$worker" "$seconds" ;;
  faults) python3 "$root/Tests/Crash/faults.py" "$worker" ;;
  *) python3 "$root/Tests/Crash/crash.py" "$worker" "$store" "$rounds" "$seed" ;;
esac
