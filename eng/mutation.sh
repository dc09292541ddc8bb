#!/usr/bin/env bash
# Changes the code in small ways and says which changes no test notices (dotnet-stryker, of .config/dotnet-tools.json).
#   eng/mutation.sh [-j N] [FOLDER | FOLDER/FILE.cs]...      all folders by default, one test session (-j) at a time
# Folders: Generation Losses Batches Heads Passes Optimization Guards Validation Records Transforms Data.
# Each runs with the tests that are about it, of those with the ones that reach the changed line. Reports: artifacts/mutation/FOLDER/reports/*.{md,json}.
# Exit status 1: a score is below 80 %. It builds for five minutes a folder on two busy cores (one alone), then takes one to ten seconds a mutant: a few
# files take minutes, Generation an hour, all folders a night. docs/MUTATION.md lists what was measured, and what survives for which reason.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
floor=80 sessions=1
if [ "${1:-}" = -j ]; then sessions=$2; shift 2; fi

# where a folder's code is, and the parts of test names that are about it
place() {
  case $1 in
    Generation) code=Generation tests="Tests.Generation" ;;
    Losses) code=Training/Losses tests="Training.Losses PreferenceMathTests RewardAccuracyTests StartLossTests" ;;
    Batches) code=Training/Batches tests="BatchShapeTests LabelTableTests HostPrefetchTests PreferenceExampleTests TaskRowsTests AccumulationTests GoldenStepTests TruncationTests" ;;
    Heads) code=Training/Heads tests="HeadPassTests ForwardPassesTests LabelSliceTests LogitsSizeTests SplitPairTests LongSumTests ReferenceSyncTests AutoBatchTests" ;;
    Passes) code=Training/Passes tests="TaskRowsTests AccumulationTests GoldenStepTests AutoBatchTests ScoringPassTests LossTrainingTests" ;;
    Optimization) code=Training/Optimization tests="Training.Optimization GoldenStepTests" ;;
    Guards) code=Training/Guards tests="Training.Guards" ;;
    Validation) code=Training/Validation tests="Training.Validation TieTests" ;;
    Records) code=Training/Records tests="Training.Records" ;;
    Transforms) code=Transforms tests="Tests.Transforms TruncationTests PromptSplitTests ShowMasksTests" ;;
    Data) code=Data tests="Tests.Data" ;;
    *) echo "no such folder: $1; there are: Generation Losses Batches Heads Passes Optimization Guards Validation Records Transforms Data" >&2; exit 2 ;;
  esac
}

if [ $# -eq 0 ]; then set -- Generation Losses Batches Heads Passes Optimization Guards Validation Records Transforms Data; fi
for target in "$@"; do
  place "${target%%/*}"
  [ "${target#*/}" = "$target" ] || [ -f "src/$code/${target#*/}" ] || { echo "no such file: src/$code/${target#*/}" >&2; exit 2; }
done

# the tool cleans, and then compiles the mutated library as an editor would: it needs the copies of ML.NET whose internals are public
export PublicizeForTools=true
dotnet tool restore >/dev/null
dotnet build tests -c Release -v q
folders=$(for target in "$@"; do echo "${target%%/*}"; done | awk '!seen[$0]++')
low=0
for folder in $folders; do
  place "$folder"
  mutate=()
  for target in "$@"; do
    case $target in
      "$folder") mutate+=(-m "**/src/$code/**/*.cs") ;;
      "$folder"/*) mutate+=(-m "**/src/$code/${target#*/}") ;;
    esac
  done
  filter=$(for name in $tests; do printf '|FullyQualifiedName~%s' "$name"; done)
  out=$PWD/artifacts/mutation/$folder
  rm -rf "$out"
  mkdir -p "$out"
  start=$SECONDS
  (cd tests && dotnet stryker -p MiniMind.MLNet.Dpo.csproj --configuration Release -c "$sessions" --skip-version-check \
    "${mutate[@]}" --test-case-filter "${filter#|}" --threshold-high 90 --threshold-low "$floor" -b "$floor" \
    -r json -r markdown -r progress -O "$out") >"$out/log.txt" 2>&1 || { low=1; tail -n 3 "$out/log.txt"; }
  echo "$folder: $(grep -o 'The final mutation score is [^ ]* %\?' "$out/log.txt" || echo 'no score, see log.txt'), $((SECONDS - start)) s"
done
exit $low
