using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;

/// <summary>Adapters as a user of the trainer on feedback has them.</summary>
public sealed class FeedbackAdapterTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly List<string> _log = [];

    public FeedbackAdapterTests() => _context.Log += (_, line) => _log.Add(line.Message);

    public void Dispose() => _model.Dispose();

    public static TheoryData<LoraOptions, bool, ComputePrecision> Kinds => new()
    {
        { AdapterRun.Four, true, ComputePrecision.Fp32 },
        { AdapterRun.Four, false, ComputePrecision.Fp32 },
        { AdapterRun.Four, true, ComputePrecision.Bf16 },
        { AdapterRun.Four with { Dora = true }, true, ComputePrecision.Fp32 },
        { AdapterRun.Four with { RankStabilized = true, Dropout = 0.1 }, true, ComputePrecision.Fp32 },
        { AdapterRun.Four with { BaseFormat = FrozenFormat.BFloat16 }, true, ComputePrecision.Bf16 },
        { AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 }, true, ComputePrecision.Fp32 },
        { AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 }, false, ComputePrecision.Fp32 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fit_Adapter_BeginsAtTheReferenceExactlyLearnsAndLeavesTheModel(LoraOptions adapter, bool fused, ComputePrecision precision)
    {
        string before = WeightHash.Sha256(_model.Network.Network);

        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context,
            FeedbackAdapterRun.Options(_model, adapter) with { FusedKernels = fused, Precision = precision, Epochs = 8 });

        FeedbackAdapterRun.FirstLoss(trained).Should().Be(0.5, "policy and reference are the same weights with nothing added: 1 - sigmoid(0)");
        FeedbackAdapterRun.Baselines(trained)[0].Should().Be(0);
        FeedbackAdapterRun.LastLoss(trained).Should().BeLessThan(0.495);
        WeightHash.Sha256(_model.Network.Network).Should().Be(before);
        _model.Network.Network.parameters().Should().OnlyContain(parameter => ReferenceEquals(parameter.grad, null));
        trained.HasAdapter.Should().BeTrue();
    }

    [Fact]
    public void Fit_Adapter_KeepsTheBaseOnceInMemoryAndSaysSo()
    {
        List<TrainingForecast> forecasts = [];
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context,
            FeedbackAdapterRun.Options(_model) with { Forecast = new Immediate(forecasts.Add) });
        using PretrainedModel policy = trained.AsModel(), off = policy.WithoutAdapter();

        AdapterRun.Address(policy.Network.Network).Should().Be(AdapterRun.Address(_model.Network.Network)).And.Be(AdapterRun.Address(off.Network.Network));
        policy.Network.Network.Adapter!.ParameterCount.Should().Be(5632);
        _log.Should().Contain(line => line.Contains("5632 of ", StringComparison.Ordinal) && line.Contains("parameters are trained", StringComparison.Ordinal));
        forecasts[0].Parameters.Should().Be(5632);
        forecasts[0].WeightBytes.Should().Be((_model.ParameterCount + 5632) * 4, "policy and reference are one");
        (forecasts[0].GradientBytes, forecasts[0].OptimizerBytes).Should().Be((5632 * 4, 2 * 5632 * 4));
    }

    public static TheoryData<string, double> Ways => new()
    {
        { "padded", 1e-3 }, { "checkpointing", 0 }, { "slices", 1e-3 }, { "parts of a batch", 1e-3 }, { "accumulation", 1e-3 }, { "libtorch", 1e-3 },
        { "two ranks", 1e-3 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Fit_OtherWayToTheSameGradient_GivesTheSameAdapterAndBaseline(string way, double tolerance)
    {
        // plain descent: AdamW would blow the rounding of small gradients up to whole steps
        KtoTrainer.Options plain = FeedbackAdapterRun.Options(_model) with
        {
            Optimizer = OptimizerOptions.Sgd(),
            LearningRate = 2,
            MaxGradientNorm = 1,
            MaxLength = 64,
            Shuffle = false,
        };
        KtoTrainer.Options other = way switch
        {
            "padded" => plain with { Padding = BatchPadding.Longest },
            "checkpointing" => plain with { GradientCheckpointing = true },
            "slices" => plain with { MaxLogitsMegabytes = 1, HeadOnResponsesOnly = false },
            "parts of a batch" => plain with { MaxRowsPerPass = 30 },
            "accumulation" => plain with { BatchSize = 2, AccumulationSteps = 3 },
            "libtorch" => plain with { FusedKernels = false },
            _ => plain,
        };

        using KtoTransformer expected = FeedbackAdapterRun.Fit(_context, plain);
        (float[] Values, double[] Baselines)[] actual = way == "two ranks" ? SharedMemory.Run(2, communicator => Train(
            new MLContext(seed: 1), plain with { BatchSize = 3, Communicator = communicator })) : [Train(_context, other)];

        FeedbackAdapterRun.Baselines(expected).Max().Should().BeGreaterThan(1e-3, "a baseline of 0 shows nothing");
        FeedbackAdapterRun.LastLoss(expected).Should().BeLessThan(0.5 - 1e-3, "the steps moved something");
        foreach ((float[] values, double[] baselines) in actual)
        {
            AdapterRun.Distance(values, FeedbackAdapterRun.Values(expected)).Should().BeLessThanOrEqualTo(tolerance);
            baselines.Zip(FeedbackAdapterRun.Baselines(expected), (ours, theirs) => Math.Abs(ours - theirs)).Max().Should().BeLessThan(1e-4);
        }
        actual[^1].Values.Should().Equal(actual[0].Values, "replicas are the same to the last bit");
    }

    [Fact]
    public void Fit_RanksWithOtherModels_AreToldApart()
    {
        using PretrainedModel reference = SmallModel.Create(seed: 9);
        string[] errors = SharedMemory.Run(2, communicator =>
        {
            using PretrainedModel own = SmallModel.Create(seed: 5 + communicator.Rank);
            try
            {
                FeedbackAdapterRun.Fit(new MLContext(seed: 1),
                    FeedbackAdapterRun.Options(own) with { BatchSize = 3, ReferenceModel = reference, Communicator = communicator }).Dispose();
                return "";
            }
            catch (InvalidOperationException error)
            {
                return error.Message;
            }
        });

        errors.Should().AllSatisfy(error => error.Should().Contain("Model is SHA-256"), "no step would show it: ranks compare what is trained");
    }

    [Fact]
    public void Fit_ContinuedAdapter_HasTheOldAdapterAsReference()
    {
        using PretrainedModel tuned = AdapterRun.FineTuned(_context, _model);
        KtoTrainer.Options options = FeedbackAdapterRun.Options(tuned, LoraOptions.Continue) with { Epochs = 4 };

        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, options);
        using KtoTransformer bare = FeedbackAdapterRun.Fit(_context, options with { ReferenceModel = _model });

        FeedbackAdapterRun.FirstLoss(trained).Should().Be(0.5);
        FeedbackAdapterRun.FirstLoss(bare).Should().NotBeApproximately(0.5, 1e-3, "the bare model is another one");
        using LoraAdapter before = tuned.ExtractAdapter();
        FeedbackAdapterRun.Sha256(trained).Should().NotBe(WeightHash.Sha256(before.Values), "a copy was trained");
        using KtoTransformer old = trained.WithAdapter(before), off = trained.WithoutAdapter();
        FeedbackAdapterRun.Scores(_context, old).Should().OnlyContain(score => score.Reward == 0, "rewards are measured against the old adapter");
        FeedbackAdapterRun.Scores(_context, off).Should().Contain(score => score.Reward != 0);
    }

    [Theory]
    [InlineData(FrozenFormat.BFloat16)]
    [InlineData(FrozenFormat.Int8)]
    public void Fit_BaseInAnotherFormat_MeasuresAndLogsTheShift(FrozenFormat format)
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(_model, AdapterRun.Four with { BaseFormat = format }));

        string line = _log.Should()
            .ContainSingle(line => line.Contains($"weights in {format} move the log-probabilities of 6 responses by ", StringComparison.Ordinal)).Subject;
        double shift = double.Parse(line.Split(" by ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        shift.Should().BeInRange(1e-7, 0.01);
    }

    [Fact]
    public void Fit_FrozenLayers_SharesThemAndTrainsTheRest()
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context,
            FeedbackAdapterRun.Options(_model) with { Adapter = null, FreezeLayers = 1, Epochs = 8 });
        using PretrainedModel policy = trained.AsModel();
        Dictionary<string, Parameter> before = _model.Network.Network.named_parameters().ToDictionary(p => p.name, p => p.parameter);

        FeedbackAdapterRun.FirstLoss(trained).Should().Be(0.5);
        FeedbackAdapterRun.LastLoss(trained).Should().BeLessThan(0.49);
        foreach ((string name, Parameter after) in policy.Network.Network.named_parameters())
        {
            bool frozen = name.StartsWith("model.embed", StringComparison.Ordinal) || name.StartsWith("model.layers.0.", StringComparison.Ordinal);
            (after.storage<float>().data_ptr() == before[name].storage<float>().data_ptr()).Should().Be(frozen, name);
            after.equal(before[name]).all().item<bool>().Should().Be(frozen, name);
        }
    }

    [Fact]
    public void Fit_Guards_RollBackAndMeasureTheAdapter()
    {
        KtoTrainer.Options options = FeedbackAdapterRun.Options(_model) with
        {
            LearningRate = 1e20, // what it adds overflows at once
            Guards = new() { NonFinite = GuardAction.RollBack, RollBackSteps = 1 },
            Validation = new() { Data = FeedbackRows.Prepared(_context, 7, seed: 9), EverySteps = 2, SamplePrompts = 1, SampleTokens = 4 },
        };

        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, options);

        trained.TrainingSummary.StopReason.Should().StartWith("NonFinite guard, back to the weights of step");
        trained.TrainingSummary.Evaluations.Should().NotBeEmpty();
        FeedbackAdapterRun.Values(trained).Should().OnlyContain(value => float.IsFinite(value));
    }

    [Fact]
    public void Transform_WithAndWithoutAdapter_ScoresThePolicyAndTheReference()
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(_model) with { Epochs = 4 });
        using KtoTransformer off = trained.WithoutAdapter();
        using LoraAdapter adapter = trained.ExtractAdapter();
        using KtoTransformer on = off.WithAdapter(adapter);

        List<FeedbackScore> scores = FeedbackAdapterRun.Scores(_context, trained), without = FeedbackAdapterRun.Scores(_context, off),
            again = FeedbackAdapterRun.Scores(_context, on);

        (trained.HasAdapter, off.HasAdapter, on.HasAdapter).Should().Be((true, false, true));
        without.Should().OnlyContain(score => score.Reward == 0, "the reference is the model with the adapter off");
        again.Select(score => (score.LogProb, score.Reward)).Should().Equal(scores.Select(score => (score.LogProb, score.Reward)));
        for (int i = 0; i < scores.Count; i++)
            scores[i].Reward.Should().BeApproximately((float)(0.1 * (scores[i].LogProb - without[i].LogProb)), 1e-5f);
        scores.Should().Contain(score => Math.Abs(score.Reward) > 1e-3);
        on.Baseline.Should().Be(trained.Baseline);
    }

    [Fact]
    public void MergeAdapter_Scores_AreTheAdaptersWithinRounding()
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(_context, FeedbackAdapterRun.Options(_model) with { Epochs = 4 });
        using PretrainedModel merged = trained.MergeAdapter();

        merged.HasAdapter.Should().BeFalse();
        using KtoTransformer plain = FeedbackAdapterRun.Fit(_context,
            FeedbackAdapterRun.Options(merged) with { Adapter = null, LearningRate = 0, ReferenceModel = _model });
        List<FeedbackScore> ours = FeedbackAdapterRun.Scores(_context, trained), theirs = FeedbackAdapterRun.Scores(_context, plain);
        for (int i = 0; i < ours.Count; i++)
            theirs[i].LogProb.Should().BeApproximately(ours[i].LogProb, 1e-4f);
        theirs.Should().Contain(score => Math.Abs(score.Reward) > 1e-3, "a merged model is not the bare one");
    }

    private static (float[] Values, double[] Baselines) Train(MLContext context, KtoTrainer.Options options)
    {
        using KtoTransformer trained = FeedbackAdapterRun.Fit(context, options);
        return (FeedbackAdapterRun.Values(trained), FeedbackAdapterRun.Baselines(trained));
    }

    private sealed class Immediate(Action<TrainingForecast> report) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => report(value);
    }
}
