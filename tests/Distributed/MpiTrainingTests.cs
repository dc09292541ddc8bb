using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.MpiProbe;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Distributed;

/// <summary>The DPO trainer under a real mpirun.</summary>
public abstract class MpiTrainingTests(string flavour) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ranks");

    private static string Tokenizer => Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "model");

    private string Output => Path.Combine(_folder.FullName, "weights");

    public void Dispose() => _folder.Delete(recursive: true);

    [SkippableFact]
    public async Task Fit_TwoProcesses_EqualsOneWithTwiceTheBatch()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 2, "training", timeoutSeconds: 30, arguments: [Tokenizer, Output]);

        run.ExitCode.Should().Be(0, run.Error);
        RankResult two = new(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Output)).ToArray(), [], 0, null);
        RankResult one = new(TrainingScenario.Train(null, Tokenizer, 2 * TrainingScenario.BatchSize), [], 0, null);
        two.DistanceTo(one).Should().BeLessThan(1e-6, "only the order of additions differs");
    }

    [SkippableFact]
    public async Task Fit_OneProcessMeetsBadData_AllEndWithItsError()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 2, "training-spoilt", timeoutSeconds: 30, arguments: [Tokenizer, Output]);

        run.ExitCode.Should().NotBe(0);
        run.Error.Should().Contain("rank 1: System.IO.InvalidDataException: row 8: both sides are the same after truncation");
        (await run.Survivors()).Should().BeEmpty();
        File.Exists(Output).Should().BeFalse();
    }
}
