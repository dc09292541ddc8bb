#!/usr/bin/env bash
# Changes the code in small ways and says which changes no test notices.
#   eng/mutation.sh [-j N] [--again] [--sample N] [--budget N] [FOLDER | FOLDER/FILE.cs]...    all folders by default, one process (-j) at a time
# Folders: Generation Losses Batches Heads Passes Optimization Guards Validation Records Transforms Data.
# dotnet-stryker (of .config/dotnet-tools.json) makes the mutants, all of them in one assembly, each behind a switch. It would start a test host for every
# one; here eng/MutantRunner sets the switch and runs the tests in a process that stays: those that are about the folder and reach the changed line.
#   --again   after new tests: runs what survived, or was reached by no test, once more (the library must not have changed)
#   --budget  seconds of the processor that the tests of one mutant may take, those nearest to it first (30)
#   --sample  so many mutants of a folder at most, drawn with a fixed seed; the score then has an interval
# Results: artifacts/mutation/{scores.md,report.json}. Exit status 1: a score is below 80 %. docs/MUTATION.md has what was measured, and what survives why.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
floor=80 sessions=1 again="" sample=0 budget=30
while [ $# -gt 0 ]; do
  case $1 in
    -j) sessions=$2; shift 2 ;;
    --again) again=--again; shift ;;
    --sample) sample=$2; shift 2 ;;
    --budget) budget=$2; shift 2 ;;
    *) break ;;
  esac
done

# where a folder's code is, and the parts of test names that are about it
place() {
  case $1 in
    Generation) code=Generation tests="Tests.Generation" ;;
    Losses) code=Training/Losses tests="Training.Losses PreferenceMathTests RewardAccuracyTests StartLossTests PreferenceMarginTests"
      tests+=" FeedbackObjectiveTests OptionListTests" ;;
    Batches) code=Training/Batches tests="BatchShapeTests LabelTableTests HostPrefetchTests PreferenceExampleTests TaskRowsTests AccumulationTests"
      tests+=" GoldenStepTests TruncationTests PairWeightsTests MismatchedRowsTests StepPlanTests TruncationReportTests" ;;
    Heads) code=Training/Heads tests="HeadPassTests ForwardPassesTests LabelSliceTests LogitsSizeTests SplitPairTests LongSumTests ReferenceSyncTests"
      tests+=" AutoBatchTests TokenStatisticsTests PreferenceMathTests" ;;
    Passes) code=Training/Passes tests="TaskRowsTests AccumulationTests GoldenStepTests AutoBatchTests ScoringPassTests LossTrainingTests"
      tests+=" BaselineStepTests FeedbackGradientTests StepPlanTests TruncationReportTests PairWeightsTests PreferenceMarginTests NonFiniteGuardTests"
      tests+=" Training.Passes Distributed.TrainingTests FeedbackRunTests FeedbackEvaluationTests MixLossTests LossGradientTests BatchShapeTests GuardTests" ;;
    Optimization) code=Training/Optimization tests="Training.Optimization GoldenStepTests OptionListTests" ;;
    Guards) code=Training/Guards tests="Training.Guards FeedbackGuardTests StartLossTests" ;;
    Validation) code=Training/Validation tests="Training.Validation TieTests RocAreaTests FeedbackRunTests ForwardPassesTests LongSumTests"
      tests+=" FeedbackEvaluationTests SharedEvaluationTests" ;;
    Records) code=Training/Records tests="Training.Records SpecialFilesTests FeedbackRunTests" ;;
    Transforms) code=Transforms tests="Tests.Transforms TruncationTests PromptSplitTests ShowMasksTests" ;;
    Data) code=Data tests="Tests.Data" ;;
    *) echo "no such folder: $1; there are: Generation Losses Batches Heads Passes Optimization Guards Validation Records Transforms Data" >&2; exit 2 ;;
  esac
}

every="Generation Losses Batches Heads Passes Optimization Guards Validation Records Transforms Data"
# shellcheck disable=SC2086
if [ $# -eq 0 ]; then set -- $every; fi
folders=""
for folder in $every; do
  paths=""
  place "$folder"
  for target in "$@"; do
    case $target in
      "$folder") paths="$paths, \"src/$code\"" ;;
      "$folder"/*)
        [ -f "src/$code/${target#*/}" ] || { echo "no such file: src/$code/${target#*/}" >&2; exit 2; }
        paths="$paths, \"src/$code/${target#*/}\"" ;;
    esac
  done
  [ -z "$paths" ] || folders="$folders, \"$folder\": {\"code\": [${paths#, }], \"tests\": [\"${tests// /\", \"}\"], \"sample\": $sample}"
done
for target in "$@"; do place "${target%%/*}"; done

out=$PWD/artifacts/mutation
bin=$PWD/tests/bin/Release/net10.0
mkdir -p "$out"
# the tool cleans before it looks: the copies of ML.NET whose internals are public stand where it does not
export PublicizedRoot=$out/publicized
dotnet tool restore >/dev/null
dotnet build tests -c Release -v q
dotnet build eng/MutantRunner -c Release -v q

# the mutants, unless they are there and the library is as it was: the tool's assembly and its log are all that is wanted of it
if [ ! -f "$out/made.dll" ] || [ -n "$(find src -name '*.cs' -not -path '*/obj/*' -newer "$out/made.dll" -print -quit)" ]; then
  rm -rf "$out"/made.* "$out"/coverage.json "$out"/results.jsonl
  cat >"$out/stryker.json" <<JSON
{ "stryker-config": { "project": "MiniMind.MLNet.Dpo.csproj", "configuration": "Release", "test-case-filter": "FullyQualifiedName~LineLengthTests" } }
JSON
  (cd tests && exec dotnet stryker -f "$out/stryker.json" -c "$sessions" --skip-version-check -V debug -O "$out/stryker") >"$out/made.log" 2>&1 &
  tool=$!
  until grep -q "Injected the mutated assembly" "$out/made.log"; do
    kill -0 $tool 2>/dev/null || { grep "FTL\|ERR" "$out/made.log" >&2 || tail -n 20 "$out/made.log" >&2; exit 1; }
    sleep 1
  done
  cp "$bin/MiniMind.MLNet.Dpo.dll" "$out/made.dll"
  # the tool itself is a child of the command
  kill $(pgrep -P $tool) $tool 2>/dev/null || true
  wait $tool 2>/dev/null || true
  mv "$bin/MiniMind.MLNet.Dpo.dll.stryker-unchanged" "$bin/MiniMind.MLNet.Dpo.dll"
fi

# what a later build changes is copied, and libtorch is not
rm -rf "$out/run"
cp -al "$bin" "$out/run"
for file in "$bin"/MiniMind.*; do cp --remove-destination "$file" "$out/run/"; done
cp "$out/made.dll" "$out/run/MiniMind.MLNet.Dpo.dll"
cp eng/MutantRunner/bin/Release/net10.0/MiniMind.MLNet.Dpo.MutantRunner.dll "$out/run/"
python3 eng/mutants.py "$out" "{${folders#, }}" -j "$sessions" --budget "$budget" --floor $floor $again
