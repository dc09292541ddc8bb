using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>A libtorch of any version with a build of TorchSharp's native library for it: what they do together decides, in a process of its own.</summary>
public sealed class TorchPairTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TorchPairTests() =>
        Skip.IfNot(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "loads an ELF library for x64");

    private static IEnumerable<string> NativeFolders =>
        ((string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static string Stock => NativeFolders.Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).First(File.Exists);

    private string Lib => Path.Combine(_folder.File("torch"), "lib");

    private string Library => _folder.File("mine.so");

    private string Cache => _folder.File("cache");

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Load_PairThatWorks_IsTakenWhateverItsVersion_AndTestedOnce()
    {
        MakePair(_ => { });

        (int exit, string output) = Probe();

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(5).And.StartWith("sum 60")
            .And.Contain(new FileInfo(Path.Combine(Lib, "libtorch_cpu.so")).ResolveLinkTarget(true)!.FullName)
            .And.NotContain(Stock).And.ContainSingle(line => line.EndsWith("/mine.so", StringComparison.Ordinal));
        exit.Should().Be(0);
        Directory.EnumerateFiles(Cache, TorchSelfTestProcess.Good, SearchOption.AllDirectories).Should().ContainSingle();

        // another library under the same name is not the one that held
        MakeLibrary(functions => functions.Exchange("THSTensor_numel", "THSTensor_ndimension"));
        Probe().Exit.Should().Be(1);
    }

    [SkippableFact]
    public void Load_LibraryThatAnswersWrongly_NamesWhatDoesNotHold_AndBothVersions()
    {
        MakePair(functions => functions.Exchange("THSTensor_numel", "THSTensor_ndimension"));

        (int exit, string output) = Probe();

        exit.Should().Be(1);
        output.Should().Be(
            $"MINIMIND_TORCH_HOME is '{Lib}', which has libtorch 2.11.0+cu130, and MINIMIND_TORCHSHARP_LIBRARY is '{Library}', to be called by TorchSharp " +
            "0.107.0 (made for libtorch 2.10). They do not work together: sizes and strides of a transposed tensor on cpu: the numbers are wrong. Compile " +
            "TorchSharp's native library against this libtorch (docs/GPU.md), or give a libtorch 2.10.x.\n");
    }

    [SkippableTheory]
    [InlineData("THSTensor_matmul", null)] // the self test does not call it
    [InlineData("THSTensor_mm", "They do not work together: the self test's process ended with code ")]
    public void Load_LibraryThatEndsTheProcess_IsAVerdict(string function, string? verdict)
    {
        MakePair(functions => functions.MakeIllegal(function));

        (int exit, string output) = Probe();

        if (verdict is null)
            exit.Should().BeGreaterThan(1, "the probe itself calls it: {0}", output);
        else
            (exit, output).Should().Match<(int Exit, string Output)>(it => it.Exit == 1 && it.Output.Contains(verdict));
    }

    [SkippableFact]
    public void Load_WithoutTheLibrary_StaysStrict()
    {
        MakePair(_ => { });

        Probe(withLibrary: false).Output.Should().Contain("which has libtorch 2.11.0+cu130").And.Contain("set MINIMIND_TORCHSHARP_LIBRARY to a");
    }

    [SkippableFact]
    public void Load_LibraryThatIsNone_IsNamed()
    {
        MakePair(_ => { });
        File.WriteAllText(Library, "no library");
        Probe().Output.Should().Contain($"They do not work together: MINIMIND_TORCHSHARP_LIBRARY is '{Library}', but it does not load: ");

        File.Delete(Library);
        Probe().Output.Should().Be($"MINIMIND_TORCHSHARP_LIBRARY is '{Library}', which is no file. It must be a libLibTorchSharp.so.\n");
    }

    [Fact]
    public void Run_OfThisProcess_Holds()
    {
        TorchNativeLibrary.EnsureLoaded();

        TorchSelfTest.Run().Should().BeNull();
    }

    private void MakePair(Action<ElfFunctions> spoil)
    {
        Directory.CreateDirectory(Lib);
        foreach (string file in NativeFolders.Where(TorchHome.HasTorch).SelectMany(folder => Directory.EnumerateFiles(folder, "lib*.so*"))
            .Where(file => Path.GetFileName(file) is "libc10.so" or "libtorch_cpu.so" or "libtorch.so" || file.Contains("libgomp", StringComparison.Ordinal)))
        {
            File.CreateSymbolicLink(Path.Combine(Lib, Path.GetFileName(file)), file);
        }
        File.WriteAllText(Path.Combine(Lib, "..", "version.py"), "__version__ = '2.11.0+cu130'\n");
        MakeLibrary(spoil);
    }

    private void MakeLibrary(Action<ElfFunctions> spoil)
    {
        byte[] library = File.ReadAllBytes(Stock);
        spoil(new ElfFunctions(library));
        File.WriteAllBytes(Library, library);
    }

    private (int Exit, string Output) Probe(bool withLibrary = true) => NativeProbeProcess.Run([], new Dictionary<string, string?>
    {
        ["MINIMIND_TORCH_HOME"] = Lib, ["MINIMIND_TORCHSHARP_LIBRARY"] = withLibrary ? Library : null, ["XDG_CACHE_HOME"] = Cache,
    });
}
