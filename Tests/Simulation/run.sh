#!/usr/bin/env bash
# Runs seeds of the simulator in release mode, on two cores, and exits with 1 at the first violation.
#
#   run.sh --seeds N [--from K]     runs N seeds, starting with K (1)
#   run.sh --quick                  runs 1000 seeds in debug mode, and plants ten bugs
#   run.sh --mutants [NAME…]        plants known bugs, one after the other: each must be found within 1000 seeds
#   run.sh --fairness N             measures how long an account waits beside N deliveries of another whose endpoint hangs
#   run.sh --neighbours N           measures how long an account waits beside N hostile ones of each kind; exits with 1 on harm
#   run.sh --determinism            runs the same seeds in several processes, with and without random hashing, and compares them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/setup
need_swift
need_packages libssl-dev

seeds=1000 from=1 mode=
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) seeds=$2; shift 2 ;;
    --from) from=$2; shift 2 ;;
    --quick) exec python3 Tests/Simulation/mutants.py --quick ;;
    --mutants) shift; exec python3 Tests/Simulation/mutants.py "$@" ;;
    --fairness) mode="fairness $2"; shift 2 ;;
    --neighbours) mode="neighbours $2"; shift 2 ;;
    --determinism) exec bash Tests/Simulation/determinism.sh ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 64 ;;
  esac
done

swift build -c release --package-path Tests/Simulation 2>&1 | thin 100
simulate=Tests/Simulation/.build/release/Simulate
[ -z "$mode" ] || exec $simulate $mode
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# A crashed host's tasks are never freed, so a process runs a limited number of seeds; two processes use two cores.
chunk=2500
begin=$SECONDS
seq "$from" $chunk $((from + seeds - 1)) | while read -r first; do
  left=$((from + seeds - first))
  echo "$first $((left < chunk ? left : chunk))"
done | xargs -P 2 -L 1 bash -c "SWIFT_BACKTRACE=enable=no $simulate \"\$@\" >$results/\$1 2>&1 || exit 255" simulate || true

failed=$(grep -lE '^reproduce: |Fatal error|^\*\*\*' "$results"/* || true)
if [ -n "$failed" ]; then
  cat $failed
  exit 1
fi
cat "$results"/* | SEEDS=$seeds SECONDS_USED=$((SECONDS - begin)) python3 Tests/Simulation/totals.py
