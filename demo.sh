#!/usr/bin/env bash
# Sets up and runs the first sample: agents learn to run a cheetah under a cost limit; about three minutes on two cores after set-up.
# Arguments go to the sample: ./demo.sh --steps 100000
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
eng/setup.sh
echo "demo: building"
dotnet build SafeMarl.ML.sln --configuration Release --verbosity quiet --nologo
dotnet samples/QuickStart/bin/Release/net10.0/QuickStart.dll "$@"
