using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class StopTokenTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("stop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Fit_StopRequested_GivesWhatWasTrainedAndGoesOnTheNextTime()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 24);
        DpoTrainer.Options options = new() { Model = model, LearningRate = 1e-3, LogInterval = 1, Checkpoints = new() { Folder = _folder } };
        using CancellationTokenSource stop = new();

        using DpoTransformer stopped = Fit(options with { StopToken = stop.Token, Progress = new AtStep(2, stop.Cancel) }, pairs);
        using DpoTransformer resumed = Fit(options, pairs), whole = Fit(options with { Checkpoints = null }, pairs);

        stopped.TrainingSummary.Steps.Should().Be(2);
        stopped.TrainingSummary.StopReason.Should().Be("stopped on request");
        resumed.TrainingSummary.Steps.Should().Be(6);
        resumed.TrainingSummary.StopReason.Should().BeNull();
        HashOf(resumed).Should().Be(HashOf(whole)).And.NotBe(HashOf(stopped));
    }

    [Fact]
    public void Fit_StopRequestedBefore_TakesNoStep()
    {
        using PretrainedModel model = SmallModel.Create();

        using DpoTransformer trained = Fit(new() { Model = model, StopToken = new CancellationToken(canceled: true) }, SmallModel.Pairs(_context, 8));

        trained.TrainingSummary.Steps.Should().Be(0);
        trained.TrainingSummary.StopReason.Should().Be("stopped on request");
    }

    [Fact]
    public void Fit_StopRequestedAtTheEnd_IsAWholeRun()
    {
        using PretrainedModel model = SmallModel.Create();
        using CancellationTokenSource stop = new();

        using DpoTransformer trained = Fit(new() { Model = model, LogInterval = 1, StopToken = stop.Token, Progress = new AtStep(2, stop.Cancel) },
            SmallModel.Pairs(_context, 8));

        trained.TrainingSummary.Steps.Should().Be(2);
        trained.TrainingSummary.StopReason.Should().BeNull();
    }

    private DpoTransformer Fit(DpoTrainer.Options options, IDataView pairs) => new DpoTrainer(_context, options).Fit(pairs);

    private static string HashOf(DpoTransformer trained)
    {
        using PretrainedModel model = trained.AsModel();
        return Fingerprint.Named(model.Network.Network);
    }

    private sealed class AtStep(long step, Action act) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value)
        {
            if (value.Step == step)
                act();
        }
    }
}
