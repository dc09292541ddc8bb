using System.Xml.Linq;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Apps without a package of libtorch learn on their first call what to type.</summary>
public sealed class BackendAdviceTests
{
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
        "no package of it for linux-musl-arm64: there are libtorch-cpu-linux-x64, libtorch-cpu-win-x64, libtorch-cpu-win-arm64 and libtorch-cpu-osx-arm64 " +
        "(*TorchSharp-cpu --version {1} brings all of them).")]
    [InlineData("win-arm64", "dotnet add package libtorch-cpu-win-arm64 --version {0} (*dotnet add package TorchSharp-cpu --version {1}).")]
    [InlineData("ubuntu.24.04-x64", "dotnet add package libtorch-cpu-linux-x64 --version {0} (*TorchSharp-cuda-linux --version {1}).")]
    [InlineData("fedora.42-arm64", "no package of it for linux-arm64: *")]
    [InlineData("alpine.3.20-x64", "no package of it for alpine.3.20-x64: *")]
    public void Of_Platform_NamesItsPackageWithTheVersionInUse(string runtime, string line)
    {
        XDocument versions = XDocument.Load(Path.Combine(TestFiles.RepositoryRoot, "Directory.Packages.props"));
        string Version(string package) => versions.Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == package)
            .Attribute("Version")!.Value;

        BackendAdvice.Of(runtime).Should().Match("The app has no libtorch, on which models run*" + string.Format(
            null, line, Version("libtorch-cpu-linux-x64"), Version("TorchSharp")));
    }
}
