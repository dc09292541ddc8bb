using System.Diagnostics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

public sealed class OpenMpWaitingTests
{
    [SkippableTheory]
    [InlineData(null, null, "1000")]
    [InlineData("GOMP_SPINCOUNT", "77", "77")]
    [InlineData("OMP_WAIT_POLICY", "passive", "0")]
    public void Load_ByThisLibrary_LimitsBusyWaitingUnlessTheEnvironmentSaysSomething(string? variable, string? value, string tries)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "libgomp's");
        string tests = typeof(OpenMpWaitingTests).Assembly.Location;
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.NativeProbe.dll"),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string other in (string[])["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"])
            start.Environment.Remove(other);
        start.Environment["OMP_DISPLAY_ENV"] = "verbose"; // libgomp then tells its settings when it is loaded
        if (variable is not null)
            start.Environment[variable] = value;

        using Process process = Process.Start(start)!;
        string settings = process.StandardError.ReadToEnd();
        process.WaitForExit();

        settings.Should().Contain($"GOMP_SPINCOUNT = '{tries}'");
    }
}
