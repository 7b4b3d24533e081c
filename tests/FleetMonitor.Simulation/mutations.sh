#!/usr/bin/env bash
# Shows that the simulation finds bugs: puts each patch of Mutations/ into a clone of the last commit, and fails unless the suite goes red.
# Usage: tests/FleetMonitor.Simulation/mutations.sh [patch...]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(git -C "$here" rev-parse --show-toplevel)
if [ $# -eq 0 ]; then set -- "$here"/Mutations/*.patch; fi
mapfile -t patches < <(realpath "$@")
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT
git clone --quiet --local --no-hardlinks "$root" "$clone/house"
cd "$clone/house"

# Exit codes of dotnet test do not tell a red test from a broken build: the words of its summary do.
run() {
  dotnet build tests/FleetMonitor.Simulation -v quiet -m:1 -nodeReuse:false >"$clone/build" 2>&1 || { tail -20 "$clone/build"; return 2; }
  dotnet test tests/FleetMonitor.Simulation --no-build --filter FullyQualifiedName~EngineSimulationTests.Books_OfAnyWorld_ \
    >"$clone/test" 2>&1 && return 0
  grep -q 'FLEETMONITOR_SEED=' "$clone/test" && return 1
  tail -20 "$clone/test"
  return 2
}

status=0
run && echo "green   as committed" || { echo "RED OR BROKEN as committed"; exit 1; }
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  git apply "$patch"
  result=0
  run || result=$?
  case $result in
    0) echo "SURVIVED  $name"; status=1 ;;
    1) echo "found   $name  ($(grep -o -m1 'FLEETMONITOR_SEED=[0-9]*' "$clone/test"))" ;;
    *) echo "BROKEN  $name"; status=1 ;;
  esac
  git checkout --quiet -- .
done
exit $status
