using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>A run gives back between its steps what they have freed, but not after each of them.</summary>
public sealed class HeapBetweenStepsTests
{
    private const double Mebibyte = 1 << 20;

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_BetweenSteps_GivesBackWhatWasFreedWhenItIsTime(bool isTime)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallinfo2", out _), "glibc only");
        string tests = typeof(HeapBetweenStepsTests).Assembly.Location;
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, "MiniMind.MLNet.Dpo.LoadProbe.dll"), "--heap", SmallModel.TokenizerFolder,
            .. isTime ? (string[])["0:00:00"] : [],
        ])
        { RedirectStandardOutput = true };

        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        process.ExitCode.Should().Be(0, "it said: {0}", said);
        double[] numbers = [.. said.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        numbers[0].Should().Be(60, "trimming after every step would cost more than it gives");
        (numbers[1] / Mebibyte).Should().BeGreaterThan(150, "glibc keeps what lies between blocks that are in use, of 192 MiB");
        if (isTime)
            (numbers[2] / Mebibyte).Should().BeGreaterThan(150);
        else
            (numbers[2] / Mebibyte).Should().BeLessThan(40, "blocks are kept for the next step");
    }
}
