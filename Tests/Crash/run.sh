#!/usr/bin/env bash
# Kills real workers, and on PostgreSQL the server as well, at random moments under load; exits with 1 if anything was lost.
#   bash Tests/Crash/run.sh --store sqlite|postgres [--rounds N] [--seed N] [--scratch-path FOLDER]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/.ci/setup"

store='' rounds=100 seed=$RANDOM scratch="$root/.build-all"
while [ $# -gt 0 ]; do
  case "$1" in
    --store) store=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --scratch-path) scratch=$2; shift 2 ;;
    *) store=''; break ;;
  esac
done
case "$store" in sqlite | postgres) ;; *) sed -n '3s/^# *//p' "${BASH_SOURCE[0]}"; exit 64 ;; esac

need_swift
need_packages libpq-dev libsqlite3-dev libssl-dev postgresql procps python3
build=(--package-path "$root" --scratch-path "$scratch" -Xswiftc -warnings-as-errors
  --explicit-target-dependency-import-check error -Xcc -g0 --enable-all-traits)
swift build "${build[@]}" --product StoreWorker 2>&1 | thin 100
python3 "$root/Tests/Crash/crash.py" "$(swift build "${build[@]}" --show-bin-path)/StoreWorker" "$store" "$rounds" "$seed"
