using System.Diagnostics;
using MiniMind.MLNet.Dpo.Stress;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>A short run of eng/Stress, in a process of its own: it watches the process's settings and its finalizers.</summary>
public sealed class StressTests
{
    [Fact]
    public async Task Run_TwoFitsBesidePredictionsAChatAndACollectingThread_GivesWhatEachGivesAlone()
    {
        string tests = typeof(StressTests).Assembly.Location, quickStart = Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
                typeof(StressOptions).Assembly.Location,
            "--rounds", "3", "--pairs", "12", "--limit", "300", "--model", Path.Combine(quickStart, "model"), "--data",
                Path.Combine(quickStart, "data", "train.jsonl"),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        output.Should().Contain("3 rounds, 0 faults", "it also said: {0}", await errors).And.Contain("0 tensors left to finalizers");
        process.ExitCode.Should().Be(0);
    }
}
