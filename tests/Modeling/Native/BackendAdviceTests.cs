using System.Diagnostics;
using System.Xml.Linq;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Modeling.Native;

/// <summary>Apps without a package of libtorch learn on their first call what to type.</summary>
public sealed class BackendAdviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        "linux-x64",
        "dotnet add package libtorch-cpu-linux-x64 --version {0} (*dotnet add package TorchSharp-cpu --version {1}; for an NVIDIA GPU: dotnet add package " +
        "TorchSharp-cuda-linux --version {1}).")]
    [InlineData(
        "win-x64",
        "dotnet add package libtorch-cpu-win-x64 --version {0} (*dotnet add package TorchSharp-cpu --version {1}; for an NVIDIA GPU: dotnet add package " +
        "TorchSharp-cuda-windows --version {1}).")]
    [InlineData("osx-arm64", "dotnet add package libtorch-cpu-osx-arm64 --version {0} (*dotnet add package TorchSharp-cpu --version {1}).")]
    [InlineData(
        "linux-musl-arm64",
        "no package of it for linux-musl-arm64: there are libtorch-cpu-linux-x64, libtorch-cpu-win-x64 and libtorch-cpu-osx-arm64 (*TorchSharp-cpu --version " +
        "{1} brings all three).")]
    public void Of_Platform_NamesItsPackageWithTheVersionInUse(string runtime, string line)
    {
        XDocument versions = XDocument.Load(Path.Combine(TestFiles.RepositoryRoot, "Directory.Packages.props"));
        string Version(string package) => versions.Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == package)
            .Attribute("Version")!.Value;

        BackendAdvice.Of(runtime).Should().Match("The app has no libtorch, on which models run*" + string.Format(
            null, line, Version("libtorch-cpu-linux-x64"), Version("TorchSharp")));
    }

    [SkippableTheory]
    [InlineData("--model")]
    [InlineData("--saved")]
    public void FirstCall_AppWithoutBackend_SaysWhatToType(string what)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "other platforms' natives may lie beside the app");
        string tests = Path.GetDirectoryName(typeof(BackendAdviceTests).Assembly.Location)!, app = Directory.CreateDirectory(_folder.File("app")).FullName;
        foreach (string file in Directory.EnumerateFiles(tests, "*.dll"))
            File.Copy(file, Path.Combine(app, Path.GetFileName(file)));
        File.Copy(Path.Combine(tests, "MiniMind.MLNet.Dpo.NativeProbe.runtimeconfig.json"),
            Path.Combine(app, "MiniMind.MLNet.Dpo.NativeProbe.runtimeconfig.json"));
        string model = what == "--saved" ? Saved() : SmallModel.TokenizerFolder;

        (int exit, string output) = Run(app, what, model);

        exit.Should().Be(1);
        output.Should().StartWith("The app has no libtorch, on which models run. Type in its project's folder: dotnet add package libtorch-cpu-")
            .And.NotContain("strace");
        Directory.Exists(Path.Combine(app, "cpu")).Should().BeFalse("TorchSharp's own search, which copies packages beside the app, is not reached");
    }

    private string Saved()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 4);
        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model }).Fit(pairs);
        context.Model.Save(trained, pairs.Schema, _folder.File("saved.zip"));
        return _folder.File("saved.zip");
    }

    private static (int Exit, string Output) Run(string app, params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["exec", Path.Combine(app, "MiniMind.MLNet.Dpo.NativeProbe.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("MINIMIND_TORCH_HOME");
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
