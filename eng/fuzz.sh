#!/usr/bin/env bash
# Fuzzes the readers of files with AFL++, guided by the branches of the managed code.
#   eng/fuzz.sh [SECONDS] [TARGET...]      ten minutes for each reader by default; needs afl-fuzz (Debian: afl++)
# What it finds lies under artifacts/fuzz/TARGET/default/{crashes,hangs}; `dotnet artifacts/fuzz/plain/Fuzz.dll TARGET FILE` shows each.
# eng/Fuzz/corpus/TARGET, where it is there, is added to the written seeds. Exit status 1: something was found.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
seconds=${1:-600}
[ $# -gt 0 ] && shift
command -v afl-fuzz >/dev/null || { echo "afl-fuzz is missing; on Debian: apt-get install afl++" >&2; exit 2; }

out=$PWD/artifacts/fuzz
rm -rf "$out"
mkdir -p "$out"
# seeds and replays run without the instrumentation, which needs the fuzzer around it
dotnet publish eng/Fuzz -c Release -o "$out/plain" -v q
cp -r "$out/plain" "$out/bin"
dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$out/tool" >/dev/null
for assembly in "$out"/bin/MiniMind.MLNet.Dpo*.dll; do "$out/tool/sharpfuzz" "$assembly"; done
dotnet "$out/plain/Fuzz.dll" --seeds "$out/seeds"

# a reader that takes more than its share of memory or time is a finding too
export DOTNET_GCHeapHardLimit=0x40000000 DOTNET_TieredPGO=0
export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_FORKSRV_INIT_TMOUT=60000
found=0
for target in ${*:-$(dotnet "$out/plain/Fuzz.dll" --targets)}; do
  [ -d "eng/Fuzz/corpus/$target" ] && cp "eng/Fuzz/corpus/$target"/* "$out/seeds/$target/"
  timeout "$((seconds + 120))" afl-fuzz -V "$seconds" -t 5000 -m none -i "$out/seeds/$target" -o "$out/$target" \
    -- dotnet "$out/bin/Fuzz.dll" "$target" >"$out/$target.log" 2>&1 || { echo "$target: afl-fuzz failed"; tail -n 5 "$out/$target.log"; found=1; continue; }
  stats=$out/$target/default/fuzzer_stats
  value() { awk -v key="$1" '$1 == key { print $3 }' "$stats"; }
  echo "$target: $(value execs_done) inputs in $seconds s, $(value corpus_count) kept, $(value bitmap_cvg) of the map, $(value saved_crashes) crashes, $(value saved_hangs) hangs"
  [ "$(value saved_crashes)" = 0 ] && [ "$(value saved_hangs)" = 0 ] || found=1
done
exit $found
