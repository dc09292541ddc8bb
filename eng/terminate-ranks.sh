#!/usr/bin/env bash
# Ends two data-parallel ranks by SIGTERM in the middle of training, many times, and counts how they end.
#   eng/terminate-ranks.sh [ROUNDS] [MPIRUN]      50 rounds of mpirun by default
# A rank must stop after its step with exit status 0, or by the signal where it has ended its own handling already (143, for MPICH 15), and must
# not print a native error. Exit status 1: one did not.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 OMP_NUM_THREADS=1
rounds=${1:-50} mpirun=${2:-mpirun}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build examples/DataParallel -c Release -v q >"$work/build" || { cat "$work/build"; exit 2; }
program=examples/DataParallel/bin/Release/net10.0/DataParallel.dll
# what Open MPI asks for as root and on few cores; others do not read it
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none

bad=0
for ((round = 1; round <= rounds; round++)); do
  "$mpirun" -n 2 dotnet "$program" --epochs 8 --threads 1 >"$work/out" 2>"$work/err" &
  launcher=$!
  for ((wait = 0; wait < 300; wait++)); do grep -aq 'step ' "$work/out" && break; sleep 0.1; done
  sleep "0.$((RANDOM % 10))"
  pkill -TERM -f "(^|/)dotnet $program"
  timeout 60 tail --pid="$launcher" -f /dev/null || { echo "round $round: does not end"; kill -9 "$launcher"; pkill -9 -f "(^|/)dotnet $program"; bad=$((bad + 1)); continue; }
  wait "$launcher"
  status=$?
  if grep -aqiE 'free\(\)|corrupt|double free|invalid pointer|segmentation|signal: (aborted|segmentation)|unhandled' "$work/out" "$work/err" || { [ $status != 0 ] && [ $status != 143 ] && [ $status != 15 ]; }; then
    bad=$((bad + 1))
    echo "round $round: exit status $status"
    tail -n 12 "$work/err"; tail -c 400 "$work/out"
  fi
done
echo "$rounds rounds, $bad of them bad"
[ $bad = 0 ]
