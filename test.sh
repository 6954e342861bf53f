#!/usr/bin/env bash
# Sets up, builds everything and runs all tests; arguments go to `dotnet test`, e.g. ./test.sh --filter Category=Golden
# The last line is "N passed, N failed", summed over the test projects.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
results=artifacts/test-results

finish() { # EXIT-CODE
  local passed=0 failed=0 counters
  for counters in $(grep -ho '<Counters [^>]*' "$results"/*.trx 2> /dev/null | sed -E 's/.* passed="([0-9]+)".* failed="([0-9]+)".*/\1,\2/'); do
    passed=$((passed + ${counters%,*})) failed=$((failed + ${counters#*,}))
  done
  [[ $1 -eq 0 || $failed -gt 0 ]] || echo "test: something other than a test failed (see above)"
  echo "$passed passed, $failed failed"
  exit "$1"
}

rm -rf "$results"
eng/setup.sh || finish 1
dotnet build SafeMarl.ML.sln --configuration Release --verbosity quiet --nologo || finish 1
# One test project after the other: each uses both cores.
dotnet test SafeMarl.ML.sln --configuration Release --no-build -m:1 --nologo --logger trx --results-directory "$results" "$@"
finish $?
