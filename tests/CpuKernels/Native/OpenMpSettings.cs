using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>What libgomp says of its settings in a process that this library loads libtorch into.</summary>
internal static class OpenMpSettings
{
    /// <summary>Starts the process.</summary>
    /// <param name="variables">What its environment says.</param>
    /// <param name="without">What it does not say unless it is among these.</param>
    public static string Of(IEnumerable<(string Name, string Value)> variables, IEnumerable<string> without)
    {
        string tests = typeof(OpenMpSettings).Assembly.Location;
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.NativeProbe.dll"),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in without)
            start.Environment.Remove(name);
        start.Environment["OMP_DISPLAY_ENV"] = "verbose"; // libgomp then tells its settings when it is loaded
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        string settings = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return settings;
    }
}
