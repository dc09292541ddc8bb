using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The versions that a run's numbers depend on.</summary>
/// <param name="Library">This library's.</param>
/// <param name="TorchSharp">TorchSharp's.</param>
/// <param name="Libtorch">The libtorch that this TorchSharp is made for.</param>
/// <param name="DotNet">The runtime's.</param>
/// <param name="OperatingSystem">The operating system's name and version.</param>
internal sealed record RunVersions(string Library, string TorchSharp, string Libtorch, string DotNet, string OperatingSystem)
{
    /// <summary>Those of this process.</summary>
    public static RunVersions Current => new(
        Of(typeof(RunVersions)), Of(typeof(torch)), torch.__version__, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription);

    private static string Of(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? type.Assembly.GetName().Version?.ToString()
            ?? "unknown";
}
