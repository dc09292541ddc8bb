using System.Diagnostics;
using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

/// <summary>The forecast of a run's memory against the peak of a process that trains and does nothing else.</summary>
public sealed class PeakForecastTests
{
    private const double Promised = 0.15, Mebibyte = 1 << 20;

    [SkippableTheory]
    [InlineData("128,8,24,256", "checkpointing")] // hidden size, layers, pairs in a pass, tokens: much of the peak is the pass
    [InlineData("128,4,16,192", "padded")]
    [InlineData("256,6,6,192", "adapter")]
    [InlineData("128,4,2,1000", "default")]
    [InlineData("128,4,16,256", "experts")]
    public void Fit_Forecast_IsWithinFifteenPercentOfThePeak(string shape, string kind)
    {
        Skip.IfNot(KeptBlocks.Available, "Linux on x86-64");

        (double forecast, double peak, double pass, _, _) = Train(shape, kind, steps: 4);

        (forecast / peak).Should().BeInRange(1 - Promised, 1 + Promised, "{0:F0} MiB are forecast and {1:F0} MiB were taken", forecast, peak);
        (pass / forecast).Should().BeGreaterThan(0.2, "else the test would not see a wrong pass");
    }

    [SkippableFact]
    public void Fit_ManySteps_HoldTheProcessWithinTheForecastAndFlat()
    {
        Skip.IfNot(KeptBlocks.Available, "Linux on x86-64");

        (double forecast, double peak, _, double early, double last) = Train("128,4,8,128", "default", steps: 50);

        (last - early).Should().BeLessThan(48, "the managed heap comes to its size within some steps; without blocks that are kept, it is over 100 MiB");
        (peak / forecast).Should().BeLessThan(1 + Promised, "{0:F0} MiB are forecast and {1:F0} MiB were taken", forecast, peak);
    }

    /// <summary>Trains in a process of its own, and gives MiB: forecast and taken at most, forecast for a pass, taken after five steps and after all.</summary>
    private static (double Forecast, double Peak, double Pass, double Early, double Last) Train(string shape, string kind, int steps)
    {
        string tests = typeof(PeakForecastTests).Assembly.Location;
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.LoadProbe.dll"), "--forecast", SmallModel.TokenizerFolder, shape, kind, $"{steps}",
        ])
        { RedirectStandardOutput = true };

        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.Should().Be(0, "it said: {0}", said);
        double[] numbers = [.. said.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture) / Mebibyte)];
        return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }
}
