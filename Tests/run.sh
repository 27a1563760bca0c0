#!/usr/bin/env bash
# Runs the tests, and does its own setup.
#   bash Tests/run.sh         all suites, real stores, other languages, the demo, 1000 seeds, ten planted bugs, some crashes
#   bash Tests/run.sh --all   also each trait alone, all planted bugs, 5000 seeds, longer crash runs and the memory run
#   bash Tests/run.sh --rest  only what --all adds
# Prints the time of each step at the end.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. .ci/setup
. Tests/postgres.sh
. Tests/steps.sh

usual=true rest=false
case "${1:-}" in
  '') ;;
  --all) rest=true ;;
  --rest) usual=false rest=true ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 64 ;;
esac

need_swift
need_packages binutils libc-ares-dev libpq-dev libssl-dev libsqlite3-dev openssl postgresql procps python3 python3-venv perl
command -v node >/dev/null || need_packages nodejs
command -v java >/dev/null || need_packages default-jdk-headless

if $usual; then
  step "Tests without traits, which must resolve no package" without_traits
  step "Simulator: 1000 seeds, and ten planted bugs that must be found" simulator
  step "A verify-only consumer must link libcrypto and not Foundation" verify_only
  step "Command line tool and the packages of the independent scripts" tools
  step "Test vectors and endpoint tables: verified by tfhook, and equal to those of the independent scripts" vectors
  step "Interoperability: other languages verify our signatures, and we verify theirs" interoperability
  step "Build with all traits" build_all
  step "Tests with all traits, against Python's verifiers and a temporary PostgreSQL server" with_traits
  step "No event is lost: workers and servers killed under load" crashes
  step "The demo with a crash" demo
fi
if $rest; then
  $usual || step "Command line tool and the packages of the independent scripts" tools
  step "Simulator: reproducible runs, 5000 seeds, and all planted bugs" simulator_all
  step "Simulator with custom adapters and handlers, and a mistake that must be found" custom_simulation
  step "The script Examples/tfhook builds the tool in release mode" launcher
  step "Endpoint tables: Node's parser and Python's IDNA must agree" endpoint_peers
  step "The Hummingbird example accepts events of every size" bash Tests/Interop/hummingbird.sh
  step "A store in another package compiles with public names only" outside_store
  step "Crashes, workers without faults, and faults other than crashes" crashes_all
  step "Memory use with hostile endpoints, in a separate process" memory
  step "Each trait builds alone, and a missing trait is named by the compiler" traits_alone
fi
report_steps
