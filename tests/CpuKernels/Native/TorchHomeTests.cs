using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Native;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Processes that bring a libtorch of their own take it from another folder.</summary>
public sealed class TorchHomeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string PackageFolder => ((string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!).Split(Path.PathSeparator).First(TorchHome.HasTorch);

    private string Lib => Directory.CreateDirectory(_folder.File("lib")).FullName;

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_CopyOfTheRightVersion_TakesItAndNoOther(bool byVariable)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "reads /proc");
        foreach (string file in Directory.EnumerateFiles(PackageFolder, "lib*.so*")
            .Where(file => Path.GetFileName(file) is "libc10.so" or "libtorch_cpu.so" or "libtorch.so" || file.Contains("libgomp", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(Lib, Path.GetFileName(file)));
        }

        if (byVariable)
            File.WriteAllText(_folder.File("version.py"), "from typing import Optional\n\n__version__ = '2.10.0+cpu'\ncuda: Optional[str] = None\n");

        (int exit, string output) = byVariable ? Probe(variable: _folder.File("")) : Probe(argument: Lib);

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(
            "sum 60", Path.Combine(Lib, "libc10.so"), Path.Combine(Lib, "libtorch.so"), Path.Combine(Lib, "libtorch_cpu.so"));
        exit.Should().Be(0);
    }

    [Theory]
    [InlineData("version.py", "__version__ = '2.9.1+cu126'\n", "2.9.1+cu126")]
    [InlineData("build-version", "2.11.0+cpu\n", "2.11.0+cpu")]
    public void Load_OtherVersion_NamesBoth(string file, string content, string version)
    {
        File.WriteAllText(_folder.File(file), content);
        File.WriteAllText(Path.Combine(Lib, "libtorch_cpu.so"), "never loaded");

        (int exit, string output) = Probe(variable: Lib);

        exit.Should().Be(1);
        output.Should()
            .StartWith(
            $"MINIMIND_TORCH_HOME is '{Lib}', which has libtorch {version} (says {_folder.File(file)}), but TorchSharp 0.107.0 is built for libtorch 2.10.");
    }

    [Fact]
    public void Load_FolderWithoutLibtorch_SaysWhatItMustBe()
    {
        Probe(variable: Lib).Should()
            .Be((1, $"MINIMIND_TORCH_HOME is '{Lib}', which has no libtorch_cpu.so. It must be the folder of libtorch's libraries, such as " +
            "/path/to/torch/lib.\n"));
        Probe(argument: "/no/such/folder").Output.Should().StartWith("The folder given for libtorch is '/no/such/folder', which is no folder.");
    }

    [Fact]
    public void Load_DamagedLibrary_NamesTheFile()
    {
        File.WriteAllText(Path.Combine(Lib, "libtorch_cpu.so"), "no library");

        Probe(variable: Lib).Output.Should().StartWith($"MINIMIND_TORCH_HOME is '{Lib}', but '{Path.Combine(Lib, "libtorch_cpu.so")}' does not load: ")
            .And.Contain("file too short");
    }

    [Fact]
    public void UseFolder_AfterLibtorchIsLoaded_IsRefused() =>
        FluentActions.Invoking(() => TorchNativeLibrary.UseFolder(Lib)).Should().Throw<InvalidOperationException>().WithMessage("libtorch is loaded already*");

    [Fact]
    public void Of_LibraryInThisProcess_TellsItsVersion() =>
        TorchRelease.Of(NativeLibrary.Load(Path.Combine(PackageFolder, "libtorch_cpu.so"))).Should().Be(new TorchRelease("2.10.0", "aoti_torch_abi_version"));

    [Fact]
    public void Required_OfThisTorchSharp_IsWhatItSays() => TorchSharp.torch.__version__.Should().StartWith(TorchRelease.Required + ".");

    private static (int Exit, string Output) Probe(string? variable = null, string? argument = null) =>
        NativeProbeProcess.Run(argument is null ? [] : [argument], new Dictionary<string, string?> { ["MINIMIND_TORCH_HOME"] = variable });
}
