#!/usr/bin/env bash
# Prints how long each test project took and how many tests it ran, the longest first, from what `dotnet test` wrote to a file.
set -euo pipefail
[ $# = 1 ] || { echo "usage: eng/test-times.sh FILE" >&2; exit 2; }
# Passed!  - Failed:     0, Passed:    48, Skipped:     0, Total:    48, Duration: 1 m 7 s - Some.Tests.dll (net10.0)
awk '
  / - Failed: .* Duration: .*\.dll / {
    duration = $0; sub(/.* Duration: /, "", duration); project = duration
    sub(/ - [^ ]*\.dll .*/, "", duration); sub(/^.* - /, "", project); sub(/\.dll .*/, "", project)
    total = $0; sub(/.* Total: */, "", total); sub(/,.*/, "", total)
    seconds = 0; n = split(duration, words, " ")
    for (i = 1; i < n; i += 2) {
      number = words[i]; sub(/^< */, "", number)
      seconds += number * (words[i + 1] == "h" ? 3600 : words[i + 1] == "m" ? 60 : words[i + 1] == "s" ? 1 : 0.001)
    }
    printf "%9.1f  %6d  %s\n", seconds, total, project
  }' "$1" | sort -rn > "$1.times"
if [ ! -s "$1.times" ]; then
  echo "eng/test-times.sh: $1 names no test project" >&2
  rm -f "$1.times"
  exit 1
fi
printf '\n  seconds   tests  project\n'
cat "$1.times"
awk '{ seconds += $1; tests += $2 } END { printf "%9.1f  %6d  all\n", seconds, tests }' "$1.times"
rm -f "$1.times"
