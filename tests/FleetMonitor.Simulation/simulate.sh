#!/usr/bin/env bash
# Runs simulated worlds by hand, and prints what happened in them and how fast. A world that goes wrong ends the run with its seed.
# Usage: tests/FleetMonitor.Simulation/simulate.sh [--seeds N | --seed K] [--real-ledger]
#   --seeds N        the worlds 0 to N-1; 10,000 where nothing is said
#   --seed K         the one world K: how a failure is replayed
#   --real-ledger    on SQLite, with torn files, in place of the quick tables in memory
set -euo pipefail
cd "$(dirname "$0")/../.."

unset FLEETMONITOR_SEED FLEETMONITOR_SEEDS
export FLEETMONITOR_SEEDS=10000
test=Books_OfAnyWorld_
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) FLEETMONITOR_SEEDS=${2:?--seeds takes a number}; shift 2 ;;
    --seed) export FLEETMONITOR_SEED=${2:?--seed takes a number}; shift 2 ;;
    --real-ledger) test=Books_OfAnyWorldOnTheRealLedger_; shift ;;
    *) sed -n '3,6s/^# //p' "$0" >&2; exit 2 ;;
  esac
done

dotnet build tests/FleetMonitor.Simulation --configuration Release --verbosity quiet
dotnet test tests/FleetMonitor.Simulation --configuration Release --no-build --filter "FullyQualifiedName~EngineSimulationTests.$test" \
  --logger "console;verbosity=detailed" | grep -v '^\[xUnit\|^ *at \|^$\|^Test run for\|^A total of\|\.dll$'
