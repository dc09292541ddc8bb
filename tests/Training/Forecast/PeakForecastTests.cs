using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

/// <summary>The forecast of a run's memory against the peak of a process that trains and does nothing else.</summary>
public sealed class PeakForecastTests
{
    private const double Promised = 0.2;

    [SkippableTheory]
    [InlineData("256,4,16,256", false)] // hidden size, layers, pairs in a pass, tokens: much of the peak is the pass
    [InlineData("128,8,24,256", true)]
    public void Fit_Forecast_IsWithinAFifthOfThePeak(string shape, bool checkpointing)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the peak is read from /proc");
        string tests = typeof(PeakForecastTests).Assembly.Location;
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.LoadProbe.dll"), "--forecast", SmallModel.TokenizerFolder, shape, $"{checkpointing}",
        ])
        { RedirectStandardOutput = true };

        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.Should().Be(0, "it said: {0}", said);
        double[] bytes = [.. said.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        (double forecast, double peak, double pass) = (bytes[0], bytes[1], bytes[2]);
        (forecast / peak).Should().BeInRange(
            1 - Promised, 1 + Promised, "{0:F0} MiB are forecast and {1:F0} MiB were taken", forecast / (1 << 20), peak / (1 << 20));
        (pass / forecast).Should().BeGreaterThan(0.2, "else the test would not see a wrong pass");
    }
}
