using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>A process that loads libtorch as it is told to, out of this project's output.</summary>
internal static class NativeProbeProcess
{
    /// <summary>Runs it.</summary>
    /// <param name="arguments">The probe's own.</param>
    /// <param name="environment">Variables to set, or to take away where the value is <see langword="null"/>.</param>
    public static (int Exit, string Output) Run(string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        string tests = typeof(NativeProbeProcess).Assembly.Location;
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.NativeProbe.dll"), .. arguments,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.BeginErrorReadLine(); // libtorch's own words, which a test host takes for its end
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
