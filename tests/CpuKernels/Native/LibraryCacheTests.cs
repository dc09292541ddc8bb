using System.Diagnostics;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>The copy of the native library that old systems need: in any home, and by any number of processes at once.</summary>
public sealed class LibraryCacheTests : IDisposable
{
    private const string Unwritable = "/proc/no-such-folder";

    private readonly TemporaryFolder _folder = new();

    private static string Original => ((string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!).Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).First(File.Exists);

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Load_SeveralProcessesFillTheCacheAtOnce_AllWorkAndOneCopyIsLeft()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux needs the copy");

        string[] outputs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Probe(cache: _folder.Path, home: _folder.Path))));

        outputs.Should().AllSatisfy(output => output.Should().StartWith("sum 60"));
        Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName)
            .Should().BeSubsetOf(["libLibTorchSharp.so"], "what each wrote beside was renamed or is gone");
    }

    [SkippableFact]
    public void Load_ReadOnlyHomeAndCache_FallsBackToTheTemporaryFolder()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux needs the copy");

        Probe(cache: Unwritable, home: Unwritable, temporary: _folder.Path).Should().StartWith("sum 60");
    }

    [SkippableFact]
    public void CopyFor_DamagedCopy_IsReplaced()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux needs the copy");
        string copy = CompatibleLibraryCache.CopyFor(Original)!;
        Skip.If(copy is null, "this TorchSharp loads everywhere");
        byte[] bytes = File.ReadAllBytes(copy);
        string damaged = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, Path.GetRelativePath(CacheRoot(copy), Path.GetDirectoryName(copy)!)))
            .FullName, Path.GetFileName(copy));
        File.WriteAllBytes(damaged, bytes[..(bytes.Length / 2)]);

        Probe(cache: _folder.Path, home: _folder.Path).Should().StartWith("sum 60");

        File.ReadAllBytes(damaged).Should().Equal(bytes);
    }

    // .../MiniMind.MLNet.Dpo/native/fingerprint/file
    private static string CacheRoot(string copy) => Path.GetFullPath(Path.Combine(copy, "..", "..", "..", ".."));

    private static string Probe(string cache, string home, string? temporary = null)
    {
        string tests = typeof(LibraryCacheTests).Assembly.Location;
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.NativeProbe.dll"),
        ])
        { RedirectStandardOutput = true };
        start.Environment["XDG_CACHE_HOME"] = cache;
        start.Environment["HOME"] = home;
        if (temporary is not null)
            start.Environment["TMPDIR"] = temporary;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
