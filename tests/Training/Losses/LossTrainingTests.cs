using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>Runs with each loss: in other layouts and passes, on several processes, interrupted, with every source of the reference.</summary>
public sealed class LossTrainingTests : IDisposable
{
    private const double Rounding = 2e-5; // sums of the same gradients in another order, after a few steps of 1e-3

    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Uncoupled =>
        [.. EveryLoss.ByName.Where(loss => loss.Value.Direction != Dpo.Training.Losses.GradientDirection.Coupled).Select(loss => loss.Key)];

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Fit_EveryLayoutAndReference_TrainsTheSame(string name)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        float[] expected = Weights(Options(loss));

        Distance(Weights(Options(loss) with { SharePrompts = false, Padding = BatchPadding.Longest, HeadOnResponsesOnly = false }), expected).Should()
            .BeLessThan(Rounding);
        Distance(Weights(Options(loss) with { FusedKernels = false, GradientCheckpointing = true }), expected).Should().BeLessThan(Rounding);
        if (!loss.UsesReference)
            return;
        Distance(Weights(Options(loss) with { Reference = ReferenceMode.Precomputed }), expected).Should().BeLessThan(Rounding);
        DpoTrainer.Options kept = Options(loss) with { ReferenceCacheFolder = _folder.Path };
        Distance(Weights(kept), expected).Should().BeLessThan(Rounding);
        Directory.GetFiles(_folder.Path).Should().ContainSingle();
        Distance(Weights(kept), expected).Should().BeLessThan(Rounding, "the second run reads what the first one kept");
    }

    [Theory]
    [MemberData(nameof(Uncoupled))]
    public void Fit_InPartsOfABatchAndOnTwoProcesses_TrainsTheSame(string name)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        float[] expected = Weights(Options(loss));

        Distance(Weights(Options(loss) with { MaxRowsPerPass = 40 }), expected).Should().BeLessThan(Rounding);
        Distance(Weights(Options(loss) with { BatchSize = 2, AccumulationSteps = 3 }), expected).Should().BeLessThan(Rounding);
        float[][] ranks = SharedMemory.Run(2, communicator => Weights(Options(loss) with { BatchSize = 3, Communicator = communicator }));
        Distance(ranks[0], expected).Should().BeLessThan(Rounding);
        ranks[1].Should().Equal(ranks[0]);
    }

    [Theory]
    [InlineData("Aot")]
    [InlineData("LengthDesensitized")]
    [InlineData("Wpo")]
    [InlineData("Mix")]
    public void Fit_CancelledAndFittedAgain_EndsAsTheUninterruptedRun(string name)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        float[] whole = Weights(Options(loss) with { Epochs = 3 });
        CheckpointOptions kept = new() { Folder = _folder.Path, EverySteps = 2 };
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => Weights(
            Options(loss) with { Epochs = 3, Checkpoints = kept, Progress = new CancelAt(3, cancellation), CancellationToken = cancellation.Token }))
            .Should().Throw<OperationCanceledException>();

        Weights(Options(loss) with { Epochs = 3, Checkpoints = kept }).Should().Equal(whole);
    }

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Fit_OnePair_TrainsToAFiniteLoss(string name)
    {
        using DpoTransformer trained = new DpoTrainer(_context, Options(EveryLoss.ByName[name])).Fit(SmallModel.Pairs(_context, 1));

        trained.TrainingSummary.History.Should().OnlyContain(point => double.IsFinite(point.Metrics[MetricNames.Loss]) && double.IsFinite(point.GradientNorm));
    }

    [Theory]
    [InlineData("SimPO")]
    [InlineData("Cpo")]
    [InlineData("Orpo")]
    [InlineData("AlphaPO")]
    [InlineData("NegativeLogLikelihood")]
    public void Fit_LossWithoutReference_LoadsNone(string name)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        RowCount rows = new(_model.Network.Network); // of the model in the options, which would be the reference
        TrainingForecast? forecast = null;

        using DpoTransformer trained = new DpoTrainer(_context, Options(loss) with { Forecast = new Take(given => forecast ??= given) })
            .Fit(SmallModel.Pairs(_context, 6));
        using DpoTransformer withReference = new DpoTrainer(_context, Options(PreferenceLoss.Sigmoid())).Fit(SmallModel.Pairs(_context, 6));

        forecast!.WeightBytes.Should().BeLessThan(2 * sizeof(float) * forecast.Parameters, "the policy's alone");
        Size(trained).Should().BeLessThan(Size(withReference) * 2 / 3, "the file has no reference either");
        rows.Rows.Should().BePositive("the other run had one");
        PreferenceScore score = _context.Data.CreateEnumerable<PreferenceScore>(trained.Transform(SmallModel.Pairs(_context, 1)), reuseRowObject: false,
            ignoreMissingColumns: true).First();
        score.ChosenReward.Should().BeApproximately((float)((loss.DefaultBeta ?? 1) * score.ChosenLogProb), 1e-4f);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private static double Distance(float[] left, float[] right) => left.Zip(right, (x, y) => Math.Abs(x - y)).Max();

    private long Size(DpoTransformer trained)
    {
        using MemoryStream file = new();
        _context.Model.Save(trained, null, file);
        return file.Length;
    }

    private DpoTrainer.Options Options(PreferenceLoss loss) => new()
    {
        // large rates of plain steps: AdamW's have the size of the rate where a gradient is nothing but rounding
        Model = _model, Loss = loss, LearningRate = 1e-3, Optimizer = OptimizerOptions.Sgd(), BatchSize = 6, LogInterval = 1, Guards = GuardOptions.None,
        ConsoleWarnings = false,
    };

    private float[] Weights(DpoTrainer.Options options)
    {
        using DpoTransformer trained = new DpoTrainer(new MLContext(seed: 1), options).Fit(SmallModel.Pairs(_context, 11));
        using PretrainedModel model = trained.AsModel();
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        return cat([.. model.Network.Network.parameters().Select(p => p.reshape(-1))]).data<float>().ToArray();
    }

    private sealed class Take(Action<TrainingForecast> take) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => take(value);
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
