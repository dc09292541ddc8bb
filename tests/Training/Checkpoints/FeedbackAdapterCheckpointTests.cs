using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>Runs on feedback with adapters that are stopped and taken up again.</summary>
public sealed class FeedbackAdapterCheckpointTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<LoraOptions?, int> Parts => new()
    {
        { AdapterRun.Four, 0 }, { AdapterRun.Four with { Dora = true, Dropout = 0.2 }, 0 }, { AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 }, 0 },
        { null, 1 },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void Fit_CancelledAndFittedAgain_EndsAsTheUninterruptedRunToTheByte(LoraOptions? adapter, int frozen)
    {
        KtoTrainer.Options Options(CheckpointOptions? checkpoints = null, CancellationTokenSource? cancellation = null) =>
            FeedbackAdapterRun.Options(_model) with
            {
                Adapter = adapter,
                FreezeLayers = frozen,
                Epochs = 3,
                Checkpoints = checkpoints,
                Progress = cancellation is null ? null : new CancelAt(4, cancellation),
                CancellationToken = cancellation?.Token ?? default,
            };
        using KtoTransformer whole = FeedbackAdapterRun.Fit(_context, Options());
        CheckpointOptions kept = new() { Folder = _folder.Path, EverySteps = 3 };
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => FeedbackAdapterRun.Fit(_context, Options(kept, cancellation))).Should().Throw<OperationCanceledException>();
        using KtoTransformer resumed = FeedbackAdapterRun.Fit(_context, Options(kept));

        whole.SaveModel(_folder.File("whole"));
        resumed.SaveModel(_folder.File("resumed"));
        File.ReadAllBytes(_folder.File("resumed/model.safetensors")).Should().Equal(File.ReadAllBytes(_folder.File("whole/model.safetensors")));
        if (adapter is not null)
            FeedbackAdapterRun.Sha256(resumed).Should().Be(FeedbackAdapterRun.Sha256(whole));
        resumed.TrainingSummary.History.Select(point => point.Metrics["loss"]).Should()
            .Equal(whole.TrainingSummary.History.Select(point => point.Metrics["loss"]));
        FeedbackAdapterRun.Baselines(resumed).Should().Equal(FeedbackAdapterRun.Baselines(whole));
    }

    [Fact]
    public void Fit_Checkpoint_HoldsTheAdapterOnlyAndIsOne()
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context,
            FeedbackAdapterRun.Options(_model) with { Checkpoints = new() { Folder = _folder.Path } });

        string folder = Directory.GetDirectories(_folder.Path, "step-*").Single();
        Directory.GetFiles(folder).Select(Path.GetFileName).Should().Contain("adapter_config.json").And.NotContain("model.safetensors");
        new FileInfo(Path.Combine(folder, "adapter_model.safetensors")).Length.Should().BeLessThan(5632 * 4 + 8192);
        using LoraAdapter loaded = LoraAdapter.Load(folder);
        WeightHash.Sha256(loaded.Values).Should().Be(FeedbackAdapterRun.Sha256(trained));
    }

    [Fact]
    public void Fit_CheckpointOfAnotherPart_IsRefusedWithWhatDiffers()
    {
        KtoTrainer.Options adapter = FeedbackAdapterRun.Options(_model) with { Checkpoints = new() { Folder = _folder.Path } };
        FeedbackAdapterRun.Fit(_context, adapter).Dispose();
        void ShouldBeRefused(KtoTrainer.Options options, string message) =>
            FluentActions.Invoking(() => FeedbackAdapterRun.Fit(_context, options)).Should().Throw<InvalidOperationException>().WithMessage(message);

        ShouldBeRefused(adapter with { Adapter = AdapterRun.Four with { Rank = 2 } }, "*Adapter.Rank is 2, in the checkpoint 4*");
        ShouldBeRefused(adapter with { Adapter = null }, "*Adapter.Rank is unknown, in the checkpoint 4*");
        // how the file is saved changes nothing that is learnt
        FeedbackAdapterRun.Fit(_context, adapter with { Adapter = AdapterRun.Four with { EmbedBase = false } }).Dispose();
    }

    [Fact]
    public void Fit_WithoutAdapter_ListsNoOptionThatEarlierCheckpointsLack()
    {
        FeedbackAdapterRun.Fit(_context,
            FeedbackAdapterRun.Options(_model) with { Adapter = null, Checkpoints = new() { Folder = _folder.Path } }).Dispose();

        string state = File.ReadAllText(Path.Combine(Directory.GetDirectories(_folder.Path, "step-*").Single(), "state.json"));

        state.Should().NotContain("\"Adapter").And.NotContain("FreezeLayers").And.Contain("\"BatchSize\"");
    }

    private sealed class CancelAt(long step, CancellationTokenSource source) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value)
        {
            if (value.Step == step)
                source.Cancel();
        }
    }
}
