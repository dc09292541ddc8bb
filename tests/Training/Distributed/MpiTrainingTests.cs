using System.Runtime.InteropServices;
using System.Text.Json;
using MiniMind.MLNet.Dpo.MpiProbe;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Checkpoints;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>The DPO trainer under a real mpirun.</summary>
public abstract class MpiTrainingTests(string flavour) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ranks");

    private static string Tokenizer => Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "model");

    private string Checkpoints => Path.Combine(_folder.FullName, "checkpoints");

    private string Output => Path.Combine(_folder.FullName, "weights");

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Resumed(float[] weights)
    {
        RankResult whole = new(TrainingScenario.Train(null, Tokenizer, 2 * TrainingScenario.BatchSize), [], 0, null);
        new RankResult(weights, [], 0, null).DistanceTo(whole).Should().BeLessThan(1e-6, "that of a run of one process that was not stopped");
    }

    private sealed class Reports(Action<long> seen) : IProgress<DpoProgress>
    {
        public List<long> Steps { get; } = [];

        public void Report(DpoProgress value)
        {
            Steps.Add(value.Step);
            seen(value.Step);
        }
    }

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
    public async Task Fit_TwoProcesses_EvaluateAndMeetGuardsAsOne()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 2, "watched", timeoutSeconds: 30, arguments: [Tokenizer]);

        run.ExitCode.Should().Be(0, run.Error);
        WatchedReport[][] ranks = JsonSerializer.Deserialize<WatchedReport[][]>(run.Output[run.Output.IndexOf("[[{", StringComparison.Ordinal)..])!;
        JsonSerializer.Serialize(ranks[1]).Should().Be(JsonSerializer.Serialize(ranks[0]), "every rank decides by the same numbers, to the last bit");
        ranks[0].Select(report => report.Action).Should().Equal(GuardAction.Warn, GuardAction.Stop, GuardAction.RollBack);
        foreach (WatchedReport two in ranks[0])
        {
            WatchedReport one = WatchedScenario.Train(null, Tokenizer, 2 * TrainingScenario.BatchSize, two.Action);
            two.Guards.Should().Equal(one.Guards).And.HaveCount(2, "{0}", two.Action);
            two.Steps.Should().Equal(one.Steps);
            Same(two.Evaluations, one.Evaluations);
            Same(two.Scored, one.Scored);
        }
        ranks[0].Select(report => report.StopReason is null).Should().Equal(true, false, false);
    }

    [SkippableFact]
    public async Task Fit_OneOfTwoProcessesIsCancelledBeforeTheFirstStep_BothEndQuietlyAlike()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 2, "cancelled", timeoutSeconds: 30, arguments: [Tokenizer]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().BeEmpty();
        string[] messages = ["the data was read", "the reference's log-probabilities were computed", "the reference's log-probabilities were computed"];
        foreach ((string place, string doing) in CancelledScenario.Places.Zip(messages))
        {
            for (int rank = 0; rank < 2; rank++)
                run.Output.Should().Contain($"rank {rank}, {place}: Training was cancelled while {doing}.");
        }
    }

    // sums of the same numbers in another order; float32 log-probabilities of up to a hundred nats carry their own rounding
    private static void Same(IReadOnlyDictionary<string, double> two, IReadOnlyDictionary<string, double> one)
    {
        two.Keys.Should().Equal(one.Keys);
        foreach ((string name, double value) in one)
            two[name].Should().BeApproximately(value, 1e-6 * Math.Max(1, Math.Abs(value)), name);
    }

    [SkippableTheory]
    [InlineData("dies", 30, "signal 9")] // the launcher says so; the rank itself cannot
    [InlineData("hangs", 8, "rank 1: This rank hangs: it has reached no collective and reported no progress for")]
    [InlineData("throws", 30, "rank 1: System.IO.InvalidDataException: dpo.jsonl:41: 'rejected' ends with role 'user'")]
    public async Task Fit_OneOfTwoProcessesFails_AllEndAndOneGoesOnFromTheLastCheckpoint(string failure, double timeout, string error)
    {
        MpiRun run = await MpiLauncher.Run(flavour, 2, "training-kept", timeout, arguments: [Tokenizer, Output, Checkpoints, "5", failure]);

        run.ExitCode.Should().NotBe(0);
        (run.Output + run.Error).Should().Contain(error);
        (await run.Survivors()).Should().BeEmpty();
        File.Exists(Output).Should().BeFalse();
        new CheckpointFolder(Checkpoints).Newest[0].Step.Should().Be(4, "the run ended in step 6, and the checkpoint of step 4 is the last");
        Reports reports = new(_ => { });
        Resumed(TrainingScenario.Train(null, Tokenizer, 2 * TrainingScenario.BatchSize, progress: reports, checkpoints: TrainingScenario.Kept(Checkpoints)));
        reports.Steps.Should().Equal(6, 8, 10, 12);
    }

    [SkippableFact]
    public async Task Fit_OneProcessStops_TwoGoOnFromItsCheckpoint()
    {
        using CancellationTokenSource stop = new();
        FluentActions.Invoking(() => TrainingScenario.Train(
            null, Tokenizer, 2 * TrainingScenario.BatchSize, progress: new Reports(step =>
            {
                if (step == 6)
                    stop.Cancel();
            }), checkpoints: TrainingScenario.Kept(Checkpoints), cancellation: stop.Token))
            .Should().Throw<OperationCanceledException>();

        MpiRun run = await MpiLauncher.Run(flavour, 2, "training-kept", timeoutSeconds: 30, arguments: [Tokenizer, Output, Checkpoints, "0", ""]);

        run.ExitCode.Should().Be(0, run.Error);
        Resumed(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Output)).ToArray());
    }

    [SkippableFact]
    public async Task Fit_OneProcessMeetsBadData_AllEndWithItsError()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 2, "training-spoilt", timeoutSeconds: 30, arguments: [Tokenizer, Output]);

        run.ExitCode.Should().NotBe(0);
        run.Error.Should().Contain("rank 1: System.IO.InvalidDataException: row 8: both sides are the same");
        (await run.Survivors()).Should().BeEmpty();
        File.Exists(Output).Should().BeFalse();
    }
}
