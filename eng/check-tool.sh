#!/usr/bin/env bash
# Packs the command, installs it out of a local folder, and trains, stops and goes on with it. Prints what it does; exits with 1 where something is amiss.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "  $1"; exit 1; }

echo "packing"
dotnet pack "$root/src/Tool" -c Release -v q -p:VersionSuffix="check.$$" -p:ContinuousIntegrationBuild=true -o "$work/feed" > "$work/pack.log" 2>&1 || { cat "$work/pack.log"; exit 1; }
package=$(echo "$work"/feed/*.nupkg)
echo "  $(basename "$package"), $(($(wc -c < "$package") / 1000000)) MB"
[ "$(wc -c < "$package")" -lt 250000000 ] || fail "galleries take 250 MB"

echo "installing"
dotnet tool install MiniMind.Dpo.Tool --tool-path "$work/tool" --source "$work/feed" --prerelease > "$work/install.log" 2>&1 || { cat "$work/install.log"; exit 1; }
dpo=$work/tool/dpo
[ "$("$dpo" | grep -c '^  dpo ')" = 3 ] || fail "it does not show three commands"

echo "training"
bakery=$root/examples/QuickStart
train=("$dpo" train --model "$bakery/model" --data "$bakery/data/heldout.jsonl" --learning-rate 1e-4 --epochs 6 --log-interval 1)
"${train[@]}" --output "$work/stopped" > "$work/run.log" 2>&1 &
run=$!
until grep -q '^step 3/' "$work/run.log" || ! kill -0 $run 2>/dev/null; do sleep 0.1; done
kill -TERM $run # bash has what runs beside it ignore Ctrl-C
code=0
wait $run || code=$?
[ $code = 130 ] || { tail "$work/run.log"; fail "stopped, it ends with $code"; }
"${train[@]}" --output "$work/stopped" > "$work/run.log" 2>&1 || { tail "$work/run.log"; fail "it does not go on"; }
grep -q '^Training resumed after step' "$work/run.log" || fail "it began anew"
"${train[@]}" --output "$work/whole" > "$work/run.log" 2>&1 || { tail "$work/run.log"; fail "it does not train"; }
cmp "$work/stopped/model/model.safetensors" "$work/whole/model/model.safetensors" || fail "stopping changes the weights"

echo "asking"
answer=$("$dpo" chat --model "$work/whole/model" --prompt "Do you have rye bread?" --temperature 0 --max-new-tokens 32)
echo "  it answers: $answer"
[ -n "$answer" ] || fail "it answers nothing"
code=0
"$dpo" evaluate nothing.jsonl --model "$work/whole/model" > /dev/null 2>&1 || code=$?
[ $code = 2 ] || fail "a missing file ends with $code"
echo "all is well"
