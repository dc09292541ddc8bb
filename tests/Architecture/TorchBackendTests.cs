using System.Diagnostics;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>Which native package each project would restore, as MSBuild evaluates it; nothing is restored.</summary>
public sealed partial class TorchBackendTests
{
    private static readonly string[] s_programs =
    [
        "tests/MiniMind.MLNet.Dpo.Tests",
        .. new[] { "examples", "bench", "eng" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(TestFiles.RepositoryRoot, folder), "*.csproj", SearchOption.AllDirectories))
            // a build tool, one that runs beside what the tests bring, and one that knows nothing of the library
            .Select(path => Path.ChangeExtension(Path.GetRelativePath(TestFiles.RepositoryRoot, path), null))
                .Where(name => name is not ("eng/Publicizer/Publicizer" or "eng/MutantRunner/MutantRunner" or "bench/Peers/LlamaPeer/LlamaPeer")),
    ];

    [SkippableFact]
    public async Task Restore_WithoutTheProperty_AsksForTheCpuPackageOnly()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the native package is the running platform's");

        (Dictionary<string, string[]> native, _) = await Packages();

        native.Keys.Should().BeEquivalentTo(s_programs, "the library brings no native package");
        native.Values.Should().AllBeEquivalentTo(new[] { "libtorch-cpu-linux-x64" });
    }

    [Fact]
    public async Task Restore_CudaLinux_SwapsThePackageInEveryProgram()
    {
        (Dictionary<string, string[]> native, string[] versions) = await Packages("-p:TorchBackend=cuda-linux");

        native.Keys.Should().BeEquivalentTo(s_programs);
        native.Values.Should().AllBeEquivalentTo(new[] { "TorchSharp-cuda-linux" });
        versions.Distinct().Should().Equal("TorchSharp-cuda-linux 0.107.0");
    }

    [Fact]
    public async Task Restore_None_AsksForNoNativePackage() => (await Packages("-p:TorchBackend=none")).Native.Should().BeEmpty();

    [Fact]
    public async Task Restore_UnknownBackend_SaysWhatItCanBe() =>
        (await MSBuild("-p:TorchBackend=cuda")).Output.Should().Contain("TorchBackend is 'cuda'; it can be cpu, cuda-linux or none.");

    private static async Task<(Dictionary<string, string[]> Native, string[] CudaVersions)> Packages(params string[] properties)
    {
        (int exitCode, string output) = await MSBuild(properties);
        exitCode.Should().Be(0, output);
        ILookup<bool, Match> lines = Line().Matches(output).ToLookup(match => match.Groups["what"].Value == "asks for");
        lines[true].Select(Package).Should().Contain("TorchSharp", "the list is read right");
        string root = Path.GetFullPath(TestFiles.RepositoryRoot) + Path.DirectorySeparatorChar;
        return (
            lines[true].Where(match => Native().IsMatch(Package(match))).GroupBy(match => match.Groups["project"].Value.Replace(root, ""), Package)
                .ToDictionary(group => group.Key, group => group.ToArray()),
            [.. lines[false].Where(match => Package(match).Contains("cuda", StringComparison.OrdinalIgnoreCase))
                .Select(match => $"{Package(match)} {match.Groups["version"].Value}")]);
    }

    private static string Package(Match line) => line.Groups["package"].Value;

    private static async Task<(int ExitCode, string Output)> MSBuild(params string[] properties)
    {
        ProcessStartInfo start = new(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["msbuild", Path.Combine(TestFiles.RepositoryRoot, "eng", "packages.proj"), "-nologo", "-v:m", "-nodeReuse:false", .. properties])
        {
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("TorchBackend");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("dotnet msbuild did not end within 60 s.");
        }
        return (process.ExitCode, await output);
    }

    [GeneratedRegex(@"^\s*(?<project>.*)\.csproj (?<what>asks for|versions) (?<package>\S+)(?: (?<version>\S+))?\s*$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("^(TorchSharp-|libtorch-)", RegexOptions.IgnoreCase)]
    private static partial Regex Native();
}
