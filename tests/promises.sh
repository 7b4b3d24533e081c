#!/usr/bin/env bash
# Makes the README's table of promises from what the tests count: runs those that count, and fills tests/promises.md with it.
# Usage: tests/promises.sh [DIRECTORY]   where DIRECTORY holds the counts of tests that ran with FLEETMONITOR_COUNTS=DIRECTORY; without it they are run.
set -euo pipefail
cd "$(dirname "$0")/.."
counts=${1:-}
if [ -z "$counts" ]; then
  counts=$(mktemp -d)
  trap 'rm -rf "$counts"' EXIT
  export FLEETMONITOR_COUNTS=$counts FLEETMONITOR_REQUIRE_SERVERS=1 FLEETMONITOR_SOAK_MINUTES=${FLEETMONITOR_SOAK_MINUTES:-1}
  dotnet test --filter "FullyQualifiedName~Fuzz|FullyQualifiedName~AnyBytes|FullyQualifiedName~Books_OfAnyWorld|FullyQualifiedName~UnderLoad|FullyQualifiedName~Soak|FullyQualifiedName~FailedSync|FullyQualifiedName~HostileClients"
fi

awk -v counts="$counts" '
  function group(n,  out) { while (length(n) > 3) { out = "," substr(n, length(n) - 2) out; n = substr(n, 1, length(n) - 3) } return n out }
  function fill(line,  key, parts, file, pair, found) {
    while (match(line, /\{[a-z-]+\.[a-z]+\}/)) {
      key = substr(line, RSTART + 1, RLENGTH - 2); split(key, parts, "."); file = counts "/" parts[1]; found = ""
      while ((getline pair < file) > 0) if (index(pair, parts[2] "=") == 1) found = substr(pair, length(parts[2]) + 2)
      close(file)
      if (found == "") { print "No test has counted " key "." > "/dev/stderr"; failed = 1; exit 1 }
      line = substr(line, 1, RSTART - 1) group(found) substr(line, RSTART + RLENGTH)
    }
    return line
  }
  FILENAME == "tests/promises.md" { table = table fill($0) "\n"; next }
  /<!-- promises -->/ { print; printf "\n%s\n", table; skipping = 1 }
  /<!-- \/promises -->/ { skipping = 0 }
  !skipping { print }
  END { exit failed }
' tests/promises.md README.md > README.md.new || { rm -f README.md.new; exit 1; }
mv README.md.new README.md
