using TorchSharp;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Which line to type where an app has no libtorch.</summary>
internal static class BackendAdvice
{
    /// <summary>What is missing, and the command that adds it.</summary>
    /// <param name="runtime">The platform's identifier, such as <c>linux-x64</c>.</param>
    public static string Of(string runtime)
    {
        string torchSharp = typeof(torch).Assembly.GetName().Version!.ToString(3);
        string everywhere = $"dotnet add package TorchSharp-cpu --version {torchSharp}";
        string? cuda = runtime switch
        {
            "linux-x64" => $"dotnet add package TorchSharp-cuda-linux --version {torchSharp}",
            "win-x64" => $"dotnet add package TorchSharp-cuda-windows --version {torchSharp}",
            _ => null,
        };
        return runtime is "linux-x64" or "win-x64" or "osx-arm64"
            ? "The app has no libtorch, on which models run. " +
              $"Type in its project's folder: dotnet add package libtorch-cpu-{runtime} --version {TorchRelease.Package} " +
              $"(for this platform; for all of them: {everywhere}{(cuda is null ? "" : $"; for an NVIDIA GPU: {cuda}")})."
            : $"The app has no libtorch, on which models run, and there is no package of it for {runtime}: " +
              $"there are libtorch-cpu-linux-x64, libtorch-cpu-win-x64 and libtorch-cpu-osx-arm64 ({everywhere} brings all three).";
    }
}
