#!/usr/bin/env bash
# Prepares this machine and checkout: installs what is missing (apt), chooses how Microsoft.ML and TorchSharp are had, and builds the
# native parts. Safe to run again; a second run changes nothing and takes seconds.
#
#   MUJOCO_ROOT=DIR             an unpacked MuJoCo (include/, lib/) instead of the system's
#   TORCH_ROOT=DIR              a libtorch or a PyTorch's folder (include/, lib/) instead of the system's (stand-ins only)
#   SAFEMARL_DEPENDENCIES=MODE  nuget or standin, instead of asking the package feed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly log=artifacts/setup.log props=eng/dependencies.props
mkdir -p artifacts
: > "$log"

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
# Quiet unless it fails.
quietly() { "$@" >> "$log" 2>&1 || { tail -n 25 "$log" >&2; return 1; }; }

has_header() { # HEADER ROOT: a compiler finds it
  if [[ -n $2 ]]; then [[ -e $2/include/$1 ]]; else echo "#include <$1>" | g++ -x c++ -M - > /dev/null 2>&1; fi
}
has_library() { # NAME; ldconfig is not on everybody's PATH
  local known
  known=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2> /dev/null) || true
  [[ $known == *"$1"* ]]
}

check_dotnet() {
  command -v dotnet > /dev/null || install dotnet-sdk-10.0 ||
    fail "the .NET SDK 10 is missing, and apt-get cannot install dotnet-sdk-10.0 here: install it from the .NET site and put dotnet on PATH."
  [[ $(dotnet --version 2>> "$log") =~ ^([0-9]+)\. && ${BASH_REMATCH[1]} -ge 10 ]] || fail "the .NET SDK found is $(dotnet --version 2>&1 | head -n 1); version 10 or later is needed."
}

choose_dependencies() {
  local mode=${SAFEMARL_DEPENDENCIES:-}
  if [[ -z $mode && -e $props ]]; then
    mode=$(sed -n 's:.*<DependencyMode>\(.*\)</DependencyMode>.*:\1:p' "$props")
  fi
  if [[ -z $mode ]]; then
    mode=$(ask_feed)
  fi
  [[ $mode == nuget || $mode == standin ]] || fail "SAFEMARL_DEPENDENCIES is '$mode'; it must be nuget or standin."
  local text="<Project>
  <!-- Written by eng/setup.sh; delete it to ask the package feed again. -->
  <PropertyGroup>
    <DependencyMode>$mode</DependencyMode>
  </PropertyGroup>
</Project>"
  [[ -e $props && $(< "$props") == "$text" ]] || printf '%s\n' "$text" > "$props"
  if [[ $mode == nuget ]]; then say "Microsoft.ML and TorchSharp: the official packages"; else say "Microsoft.ML and TorchSharp: the stand-ins of this repository (the package feed does not carry them)"; fi
  dependencies=$mode
}

# Whether the configured feed carries the official packages; only a clear no chooses the stand-ins.
ask_feed() {
  local probe answer
  probe=$(mktemp -d)
  trap "rm -rf '$probe'" EXIT # of the subshell that asks
  cat > "$probe/probe.csproj" << 'PROBE'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.ML" Version="[5.0.0]" />
    <PackageReference Include="Microsoft.ML.TorchSharp" Version="[0.23.0]" />
    <PackageReference Include="TorchSharp-cpu" Version="[0.102.7]" />
  </ItemGroup>
</Project>
PROBE
  if answer=$(dotnet restore "$probe/probe.csproj" 2>&1); then
    echo nuget
  elif grep -qE 'NU110[123]' <<< "$answer" && ! grep -q 'NU1301' <<< "$answer"; then
    echo standin
  else
    printf '%s\n' "$answer" >> "$log"
    fail "the package feed cannot be asked for Microsoft.ML (see $log): check 'dotnet nuget list source', or set SAFEMARL_DEPENDENCIES."
  fi
}

install_missing() {
  local missing=()
  [[ -z ${MUJOCO_ROOT:-} ]] || has_header mujoco/mujoco.h "$MUJOCO_ROOT" || fail "MUJOCO_ROOT is '$MUJOCO_ROOT', which has no include/mujoco/mujoco.h."
  [[ -z ${TORCH_ROOT:-} ]] || has_header ATen/ATen.h "$TORCH_ROOT" || fail "TORCH_ROOT is '$TORCH_ROOT', which has no include/ATen/ATen.h."
  command -v g++ > /dev/null || missing+=(g++)
  command -v make > /dev/null || missing+=(make)
  command -v cmake > /dev/null || missing+=(cmake)
  has_header mujoco/mujoco.h "${MUJOCO_ROOT:-}" || missing+=(libmujoco-dev)
  if [[ $dependencies == standin ]]; then
    has_header ATen/ATen.h "${TORCH_ROOT:-}" || missing+=(libtorch-dev)
    # Without it Debian's libtorch multiplies matrices with the reference BLAS, many times slower.
    [[ -n ${TORCH_ROOT:-} ]] || has_library libopenblas.so.0 || missing+=(libopenblas0-pthread)
  fi
  [[ ${#missing[@]} -eq 0 ]] || install "${missing[@]}" || fail "apt-get could not install ${missing[*]} (see above and $log)."
}

install() { # PACKAGES...
  command -v apt-get > /dev/null || fail "missing: $* (Debian's names), and there is no apt-get here. Install them, or set MUJOCO_ROOT and TORCH_ROOT."
  local root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo > /dev/null || fail "missing: $*; installing them needs root. Run: apt-get install $*"
    root=(sudo)
  fi
  say "installing $*"
  quietly "${root[@]}" apt-get update || say "apt-get update failed; trying with the lists at hand"
  quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

build_native() { # NAME CMAKE-ARGUMENTS...
  local name=$1
  shift
  # -U: what an earlier run found must not hide another MUJOCO_ROOT or TORCH_ROOT.
  quietly cmake -S "native/safemarl_$name" -B "native/build/$name" -U 'MUJOCO_*' -U 'TORCH_*' -DCMAKE_BUILD_TYPE=Release "$@" || fail "native/safemarl_$name cannot be configured (see above and $log)."
  quietly cmake --build "native/build/$name" --parallel || fail "native/safemarl_$name does not compile (see above and $log)."
}

check_dotnet
choose_dependencies
install_missing
say "building the native parts"
build_native mujoco -DMUJOCO_ROOT="${MUJOCO_ROOT:-}"
if [[ $dependencies == standin ]]; then
  build_native torch -DTORCH_ROOT="${TORCH_ROOT:-}"
fi
say "ready"
