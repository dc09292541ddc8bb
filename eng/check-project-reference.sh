#!/usr/bin/env bash
# Apps outside of the repository, which its central package versions do not reach: one references the library's project, one its package.
# Both must build without a warning and answer a question. Prints what it does; exits with 1 where one of them fails.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
work=$(mktemp -d)
version=0.1.0-check.$$
cache=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
trap 'rm -rf "$work" "${cache%/}/minimind.mlnet.dpo/$version"' EXIT

case "$(uname -sm)" in
  'Linux x86_64') backend=libtorch-cpu-linux-x64 ;;
  'Darwin arm64') backend=libtorch-cpu-osx-arm64 ;;
  *) echo "there is no libtorch for $(uname -sm)"; exit 1 ;;
esac
libtorch=$(sed -n "s/.*Include=\"$backend\" Version=\"\([^\"]*\)\".*/\1/p" "$root/Directory.Packages.props")

# makes an app whose reference to the library is the given line of its project, and runs it
try() {
  local app=$work/$1
  mkdir "$app"
  cat > "$app/app.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <RestoreAdditionalProjectSources>$work/feed</RestoreAdditionalProjectSources>
  </PropertyGroup>
  <ItemGroup>
    $2
    <PackageReference Include="$backend" Version="$libtorch" />
  </ItemGroup>
</Project>
PROJECT
  cat > "$app/Program.cs" <<'PROGRAM'
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo;

using PretrainedModel model = PretrainedModel.Load(args[0]);
using IChatClient chat = model.AsChatClient();
ChatResponse answer = await chat.GetResponseAsync("Do you have rye bread?", new ChatOptions { Temperature = 0, MaxOutputTokens = 32 });
Console.WriteLine($"  it answers: {answer.Text}");
return string.IsNullOrWhiteSpace(answer.Text) ? 1 : 0;
PROGRAM
  echo "an app with the $1"
  if ! dotnet build "$app" -c Release -warnaserror -v q > "$work/$1.log" 2>&1; then
    cat "$work/$1.log"
    echo "  it does not build without warnings"
    return 1
  fi
  dotnet "$app/bin/Release/net10.0/app.dll" "$root/examples/QuickStart/model" || { echo "  it does not answer"; return 1; }
}

mkdir "$work/feed"
failed=0
try project "<ProjectReference Include=\"$root/src/MiniMind.MLNet.Dpo.csproj\" />" || failed=1
dotnet pack "$root/src" -c Release -v q -p:PackageVersion="$version" -o "$work/feed" > "$work/pack.log" 2>&1 || { cat "$work/pack.log"; exit 1; }
try package "<PackageReference Include=\"MiniMind.MLNet.Dpo\" Version=\"$version\" />" || failed=1
exit $failed
