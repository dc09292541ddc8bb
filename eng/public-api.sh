#!/usr/bin/env bash
# Writes what the library's projects show into the lists beside them: to be run after an intended change of the public surface, and read as a diff.
# What is listed as shipped stays there, or goes if the code lost it; the rest is listed as unshipped. With --ship, all is: for a release.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
ship=no
case "${1-}" in
  "") ;;
  --ship) ship=yes ;;
  *) echo "eng/public-api.sh takes --ship or nothing, not '$1'." >&2; exit 2 ;;
esac

before=$(mktemp -d)
mapfile -t folders < <(find src -maxdepth 2 -name '*.csproj' -printf '%h\n' | sort)
restore() {
  for folder in "${folders[@]}"; do
    for list in Shipped Unshipped; do
      [ ! -f "$before/$folder/$list" ] || cp "$before/$folder/$list" "$folder/PublicAPI.$list.txt"
    done
  done
  echo "The lists are as they were." >&2
}
trap restore ERR INT TERM

# the library builds the projects within it; those beside it are packages of their own
inner=$(sed -n 's/.*<InnerProjects>\(.*\)<\/InnerProjects>.*/\1/p' src/*.csproj)
build() {
  for folder in "${folders[@]}"; do
    case ";$inner;" in *";${folder#src/};"*) continue ;; esac
    dotnet build "$folder" -c Release -v q "$@" || return
  done
}

# with empty lists the compiler names all there is
for folder in "${folders[@]}"; do
  mkdir -p "$before/$folder"
  for list in Shipped Unshipped; do
    [ -f "$folder/PublicAPI.$list.txt" ] || printf '#nullable enable\n' > "$folder/PublicAPI.$list.txt"
    cp "$folder/PublicAPI.$list.txt" "$before/$folder/$list"
    printf '#nullable enable\n' > "$folder/PublicAPI.$list.txt"
  done
done
log=$before/build.log
if ! build --no-incremental -p:TreatWarningsAsErrors=false > "$log" 2>&1; then
  grep -E ' error ' "$log" | sort -u >&2 || cat "$log" >&2
  false
fi

for folder in "${folders[@]}"; do
  sed -nE "s|^.*RS0016: Symbol '(.*)' is not part of the declared public API .*\[$PWD/$folder/[^/]*\.csproj\]\$|\1|p" "$log" | sort -u > "$before/now"
  [ -s "$before/now" ] || { echo "$folder: the build named nothing public; its messages are in $log" >&2; false; }
  if [ "$ship" = yes ]; then
    cp "$before/now" "$before/shipped"
  else
    { grep -v '^#' "$before/$folder/Shipped" || true; } | sort -u | comm -12 - "$before/now" > "$before/shipped"
  fi
  { echo '#nullable enable'; cat "$before/shipped"; } > "$folder/PublicAPI.Shipped.txt"
  { echo '#nullable enable'; comm -13 "$before/shipped" "$before/now"; } > "$folder/PublicAPI.Unshipped.txt"
  echo "$folder: $(wc -l < "$before/now") public, $(comm -13 "$before/shipped" "$before/now" | wc -l) of them not shipped"
done

build > "$log" 2>&1 || { grep -E ' error ' "$log" | sort -u >&2; false; }
trap - ERR INT TERM
rm -rf "$before"
git --no-pager diff --stat -- '*PublicAPI.*.txt' 2>/dev/null || true
