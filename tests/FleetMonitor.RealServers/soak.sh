#!/usr/bin/env bash
# A fleet at 5,000 readings a second for so many minutes, with a fault every few seconds; fails unless the totals are the truth.
# Usage: tests/FleetMonitor.RealServers/soak.sh [MINUTES=60] [SEED=1]
set -euo pipefail
cd "$(dirname "$0")/../.."
export FLEETMONITOR_SOAK_MINUTES=${1:-60} FLEETMONITOR_SEED=${2:-1} FLEETMONITOR_REQUIRE_SERVERS=1
dotnet test tests/FleetMonitor.RealServers --filter FullyQualifiedName~SoakTests --logger "console;verbosity=detailed"
