#!/usr/bin/env bash
# Packs the library, restores the package into fresh apps (console, web, F#) from a local feed, runs them, and looks at what is in the package.
# The packages' folder of the apps is empty at the start, so that the library comes out of the feed; what it depends on is found where it lies already,
# in the usual folder, rather than fetched and unpacked anew (libtorch alone has 600 MB). Prints what it does; exits with 1 where something is amiss.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
usual=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
suffix=check.$$
failed=0
fail() { echo "  $1"; failed=1; }

case "$(uname -sm)" in
  'Linux x86_64') backend=libtorch-cpu-linux-x64 ;;
  'Darwin arm64') backend=libtorch-cpu-osx-arm64 ;;
  *) echo "there is no libtorch for $(uname -sm)"; exit 1 ;;
esac
libtorch=$(sed -n "s/.*Include=\"$backend\" Version=\"\([^\"]*\)\".*/\1/p" "$root/Directory.Packages.props")
prefix=$(sed -n 's/.*<VersionPrefix>\(.*\)<\/VersionPrefix>.*/\1/p' "$root/Directory.Build.props")
version=$prefix-$suffix

echo "packing $version"
dotnet pack "$root/src" -c Release -v q -p:VersionSuffix="$suffix" -p:ContinuousIntegrationBuild=true -o "$work/feed" > "$work/pack.log" 2>&1 || { cat "$work/pack.log"; exit 1; }
if grep -q 'warning' "$work/pack.log"; then cat "$work/pack.log"; fail "packing warns"; fi
(cd "$work/feed" && for file in *; do echo "$file"; done) > "$work/feed.txt"
printf '%s\n' "MiniMind.MLNet.Dpo.$version.nupkg" "MiniMind.MLNet.Dpo.$version.snupkg" | diff - "$work/feed.txt" || fail "the feed has other files than these two"

# project NAME SDK EXTENSION [PROPERTIES]: a project of an app that knows nothing of the repository
project() {
  mkdir "$work/$1"
  cat > "$work/$1/app.$3" <<PROJECT
<Project Sdk="$2">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <RestoreAdditionalProjectSources>$work/feed</RestoreAdditionalProjectSources>
    <RestorePackagesPath>$work/packages</RestorePackagesPath>
    <RestoreFallbackFolders>${usual%/}</RestoreFallbackFolders>
    <CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>true</CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="MiniMind.MLNet.Dpo" Version="$version" />
    <PackageReference Include="$backend" Version="$libtorch" />
    $4
  </ItemGroup>
</Project>
PROJECT
}

# builds the app and runs it with the given arguments
run() {
  local app=$work/$1
  shift
  if ! dotnet build "$app" -c Release -warnaserror -v q > "$app.log" 2>&1; then
    cat "$app.log"
    fail "it does not build without warnings"
    return
  fi
  (cd "$app" && timeout 120 dotnet bin/Release/net10.0/app.dll "$@") || fail "it does not run"
}
# the library's own, and one for each project within it
assemblies=$(cd "$root/src" && for project in *.csproj $(sed -n 's/.*<InnerProjects>\(.*\)<\/InnerProjects>.*/\1/p' *.csproj | tr ';' '\n' | sed 's/$/\/*.csproj/'); do basename "$project" .csproj; done)
model=$root/examples/QuickStart/model
pairs=$root/examples/QuickStart/data/heldout.jsonl

echo "a console app"
project console Microsoft.NET.Sdk csproj ''
cat > "$work/console/Program.cs" <<'PROGRAM'
using System.IO.Compression;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;

MLContext mlContext = new(seed: 42);
using PretrainedModel model = PretrainedModel.Load(args[0]);
var split = mlContext.Preferences.TrainTestSplit(mlContext.Preferences.LoadFromJsonl(args[1]), testFraction: 0.2);
var pipeline = mlContext.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = 256 })
    .Append(mlContext.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = model, LearningRate = 4e-5 }));
using var trained = pipeline.Fit(split.TestSet);
TrainingSummary summary = trained.LastTransformer.TrainingSummary;
using IChatClient chat = trained.LastTransformer.AsChatClient();
ChatResponse answer = await chat.GetResponseAsync("Do you have rye bread?", new ChatOptions { Temperature = 0, MaxOutputTokens = 32 });
Console.WriteLine($"  it trains {summary.Steps} steps on {summary.Examples} pairs, and answers: {answer.Text}");
using ZipArchive symbols = ZipFile.OpenRead(args[2]);
bool hasSymbols = args[3..].All(assembly => symbols.GetEntry($"lib/net10.0/{assembly}.pdb") is not null);
if (!hasSymbols) Console.WriteLine("  the symbol package has no symbols");
return hasSymbols && summary.Steps > 0 && !string.IsNullOrWhiteSpace(answer.Text) ? 0 : 1;
PROGRAM
run console "$model" "$pairs" "$work/feed/MiniMind.MLNet.Dpo.$version.snupkg" $assemblies

echo "a web app"
project web Microsoft.NET.Sdk.Web csproj ''
cat > "$work/web/Program.cs" <<'PROGRAM'
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo;

WebApplicationBuilder builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSingleton(_ => PretrainedModel.Load(args[0]));
builder.Services.AddSingleton(services => services.GetRequiredService<PretrainedModel>().AsChatClient());
await using WebApplication app = builder.Build();
app.MapGet("/ask", async (string question, IChatClient chat) =>
    (await chat.GetResponseAsync(question, new ChatOptions { Temperature = 0, MaxOutputTokens = 32 })).Text);
await app.StartAsync();
using HttpClient client = new();
string answer = await client.GetStringAsync($"{app.Urls.Single()}/ask?question=Do%20you%20have%20rye%20bread%3F");
Console.WriteLine($"  it answers: {answer}");
return string.IsNullOrWhiteSpace(answer) ? 1 : 0;
PROGRAM
run web "$model"

echo "an F# app"
project fsharp Microsoft.NET.Sdk fsproj '<Compile Include="Program.fs" />'
cat > "$work/fsharp/Program.fs" <<'PROGRAM'
open System
open Microsoft.ML
open MiniMind.MLNet.Dpo

[<EntryPoint>]
let main args =
    let mlContext = MLContext(Nullable 42)
    use model = PretrainedModel.Load args[0]
    let preferences = mlContext.GetPreferences()
    let split = preferences.TrainTestSplit(preferences.LoadFromJsonl(args[1]), testFraction = 0.2)
    let prepared = mlContext.Transforms.PreparePreferencePairs(model, PreferencePreparationOptions(MaxLength = 256))
    let trainer = preferences.Trainers.Dpo(DpoTrainer.Options(Model = model, LearningRate = 4e-5))
    use trained = trainer.Fit(prepared.Fit(split.TestSet).Transform(split.TestSet))
    printfn "  it trains %d steps on %d pairs" trained.TrainingSummary.Steps trained.TrainingSummary.Examples
    if trained.TrainingSummary.Steps > 0L then 0 else 1
PROGRAM
run fsharp "$model" "$pairs"

echo "what is in the package"
package=$work/packages/minimind.mlnet.dpo/$version
(cd "$package" && find . -type f ! -name '*.nupkg' ! -name '*.sha512' ! -name '.nupkg.metadata' | sort) > "$work/content.txt"
{ printf './%s\n' README.md icon.png minimind.mlnet.dpo.nuspec; for assembly in $assemblies; do printf "./lib/net10.0/$assembly.%s\n" dll xml; done; } | sort \
  | diff - "$work/content.txt" || fail "the package has other files than these"
for part in '<license type="expression">MIT</license>' '<readme>README.md</readme>' '<icon>icon.png</icon>' '<releaseNotes>## ' '<description>' '<tags>' '<dependency id="TorchSharp" '; do
  grep -q "$part" "$package/minimind.mlnet.dpo.nuspec" || fail "the nuspec lacks $part"
done
if grep -E 'id="(libtorch|Publicizer|TorchSharp-c|MiniMind)' "$package/minimind.mlnet.dpo.nuspec"; then fail "the package depends on what an app chooses, on a build tool, or on a part of itself"; fi
if grep -nE '\]\((https?:)?[^h#)]' "$package/README.md" | grep -vE '\]\(https?://'; then fail "the readme has links that work in the repository only"; fi
grep -q 'M:Microsoft.ML.PreferenceCatalog.TrainTestSplit' "$package/lib/net10.0/MiniMind.MLNet.Dpo.xml" || fail "the documentation lacks members"
if grep -qaF "$root" "$package"/lib/net10.0/*.dll; then fail "an assembly names a folder of the machine that built it"; fi
[ "$(wc -c < "$package/icon.png")" -lt 10240 ] || fail "the icon has 10 KB or more"
[ $failed = 0 ] && echo "all is well"
exit $failed
