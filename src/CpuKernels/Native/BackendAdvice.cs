using TorchSharp;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Which line to type where an app has no libtorch.</summary>
internal static class BackendAdvice
{
    private static readonly string[] s_served = ["linux-x64", "win-x64", "win-arm64", "osx-arm64"];
    private static readonly string[] s_noLinux = ["win", "osx", "alpine", "android", "ios", "tvos", "maccatalyst", "browser", "wasi", "freebsd", "illumos"];

    /// <summary>What is missing, and the command that adds it.</summary>
    /// <param name="identifier">The platform's identifier, such as <c>linux-x64</c>.</param>
    public static string Of(string identifier)
    {
        string runtime = Portable(identifier);
        string torchSharp = typeof(torch).Assembly.GetName().Version!.ToString(3);
        string everywhere = $"dotnet add package TorchSharp-cpu --version {torchSharp}";
        string? cuda = runtime switch
        {
            "linux-x64" => $"dotnet add package TorchSharp-cuda-linux --version {torchSharp}",
            "win-x64" => $"dotnet add package TorchSharp-cuda-windows --version {torchSharp}",
            _ => null,
        };
        return s_served.Contains(runtime)
            ? "The app has no libtorch, on which models run. " +
              $"Type in its project's folder: dotnet add package libtorch-cpu-{runtime} --version {TorchRelease.Package} " +
              $"(for this platform; for all of them: {everywhere}{(cuda is null ? "" : $"; for an NVIDIA GPU: {cuda}")})."
            : $"The app has no libtorch, on which models run, and there is no package of it for {runtime}: " +
              $"there are {string.Join(", ", s_served.SkipLast(1).Select(Package))} and {Package(s_served[^1])} ({everywhere} brings all of them).";
    }

    private static string Package(string runtime) => $"libtorch-cpu-{runtime}";

    // a runtime that a distribution built itself goes by the distribution's name, such as ubuntu.24.04-x64
    private static string Portable(string identifier)
    {
        bool isLinux = !identifier.Contains("musl", StringComparison.Ordinal)
            && !s_noLinux.Any(system => identifier.StartsWith(system, StringComparison.Ordinal));
        return isLinux ? $"linux-{identifier[(identifier.LastIndexOf('-') + 1)..]}" : identifier;
    }
}
