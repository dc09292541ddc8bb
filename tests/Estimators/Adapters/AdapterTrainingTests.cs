using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Estimators.Adapters;

/// <summary>Adapters as a user of the trainers has them.</summary>
public sealed class AdapterTrainingTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly List<string> _log = [];

    public AdapterTrainingTests() => _context.Log += (_, line) => _log.Add(line.Message);

    public void Dispose() => _model.Dispose();

    public static TheoryData<LoraOptions, bool, ComputePrecision> Kinds => new()
    {
        { AdapterRun.Four, true, ComputePrecision.Fp32 },
        { AdapterRun.Four, false, ComputePrecision.Fp32 },
        { AdapterRun.Four, true, ComputePrecision.Bf16 },
        { AdapterRun.Four with { Dora = true }, true, ComputePrecision.Fp32 },
        { AdapterRun.Four with { Dora = true }, false, ComputePrecision.Fp32 },
        { AdapterRun.Four with { RankStabilized = true, Dropout = 0.1 }, true, ComputePrecision.Fp32 },
        { AdapterRun.Four with { BaseFormat = FrozenFormat.BFloat16 }, true, ComputePrecision.Fp32 },
        { AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 }, true, ComputePrecision.Fp32 },
        { AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 }, false, ComputePrecision.Fp32 },
        { AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 }, true, ComputePrecision.Bf16 },
        { AdapterRun.Four with { Targets = LoraTargets.Attention, Layers = [1] }, true, ComputePrecision.Fp32 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fit_Adapter_BeginsAtLn2ExactlyLearnsAndLeavesTheModel(LoraOptions adapter, bool fused, ComputePrecision precision)
    {
        string before = WeightHash.Sha256(_model.Network.Network);

        using DpoTransformer trained = AdapterRun.Fit(_context,
            AdapterRun.Options(_model, adapter) with
            {
                FusedKernels = fused,
                Precision = precision,
                Reference = ReferenceMode.Live,
                Epochs = 8,
                LearningRate = 1e-2
            });

        AdapterRun.FirstLoss(trained).Should().Be(Math.Log(2), "policy and reference are the same weights with nothing added");
        trained.TrainingSummary.History[0].Metrics[MetricNames.Margin].Should().Be(0);
        AdapterRun.LastLoss(trained).Should().BeLessThan(0.685);
        WeightHash.Sha256(_model.Network.Network).Should().Be(before);
        _model.Network.Network.parameters().Should().OnlyContain(parameter => ReferenceEquals(parameter.grad, null));
        trained.HasAdapter.Should().BeTrue();
    }

    [Fact]
    public void Fit_Adapter_KeepsTheBaseOnceInMemory()
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model));
        using PretrainedModel policy = trained.AsModel(), off = policy.WithoutAdapter();

        AdapterRun.Address(policy.Network.Network).Should().Be(AdapterRun.Address(_model.Network.Network)).And.Be(AdapterRun.Address(off.Network.Network));
        policy.Network.Network.parameters().Should()
            .OnlyContain(parameter => ReferenceEquals(parameter.grad, null),
                "a gradient of the head or the embedding would be larger than all that is trained");
        policy.Network.Network.Adapter!.ParameterCount.Should().Be(2 * 4 * (32 + 32 + 32 + 16 + 32 + 16 + 32 + 32 + 3 * (32 + 128)));
        _log.Should().Contain(line => line.Contains("5632 of ", StringComparison.Ordinal) && line.Contains("parameters are trained", StringComparison.Ordinal));
    }

    public static TheoryData<string, double> Ways => new()
    {
        { "padded", 1e-4 }, { "padded to the maximum", 1e-4 }, { "no shared prompts", 1e-4 }, { "checkpointing", 0 }, { "slices", 1e-4 },
            { "parts of a batch", 1e-4 },
        { "accumulation", 1e-4 }, { "libtorch", 1e-4 }, { "precomputed", 1e-4 }, { "two ranks", 1e-4 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Fit_OtherWayToTheSameGradient_GivesTheSameAdapter(string way, double tolerance)
    {
        // plain descent: AdamW would blow the rounding of small gradients up to whole steps
        DpoTrainer.Options plain = AdapterRun.Options(_model) with
        {
            Optimizer = OptimizerOptions.Sgd(),
            LearningRate = 20,
            BatchSize = 4,
            MaxGradientNorm = 1,
            MaxLength = 64,
            Shuffle = false
        };
        DpoTrainer.Options other = way switch
        {
            "padded" => plain with { Padding = BatchPadding.Longest, SharePrompts = false },
            "padded to the maximum" => plain with { Padding = BatchPadding.MaxLength, SharePrompts = false },
            "no shared prompts" => plain with { SharePrompts = false },
            "checkpointing" => plain with { GradientCheckpointing = true },
            "slices" => plain with { MaxLogitsMegabytes = 1, HeadOnResponsesOnly = false },
            "parts of a batch" => plain with { MaxRowsPerPass = 40 },
            "accumulation" => plain with { BatchSize = 2, AccumulationSteps = 2 },
            "libtorch" => plain with { FusedKernels = false },
            "precomputed" => plain with { Reference = ReferenceMode.Precomputed },
            _ => plain,
        };

        using DpoTransformer expected = AdapterRun.Fit(_context, plain);
        float[] values;
        if (way == "two ranks")
        {
            float[][] ranks = SharedMemory.Run(2, communicator =>
            {
                MLContext context = new(seed: 1);
                using DpoTransformer one = AdapterRun.Fit(context, plain with { BatchSize = 2, Communicator = communicator });
                return AdapterRun.Values(one);
            });
            ranks[1].Should().Equal(ranks[0]);
            values = ranks[0];
        }
        else
        {
            using DpoTransformer actual = AdapterRun.Fit(_context, other);
            values = AdapterRun.Values(actual);
        }

        AdapterRun.Distance(values, AdapterRun.Values(expected)).Should().BeLessThanOrEqualTo(tolerance);
        expected.TrainingSummary.Steps.Should().Be(6);
        AdapterRun.LastLoss(expected).Should().BeLessThan(Math.Log(2) - 1e-3, "the steps moved something");
    }

    [Fact]
    public void Fit_RanksWithOtherModels_AreToldApart()
    {
        string[] errors = SharedMemory.Run(2, communicator =>
        {
            using PretrainedModel own = SmallModel.Create(seed: 5 + communicator.Rank);
            try
            {
                AdapterRun.Fit(new MLContext(seed: 1), AdapterRun.Options(own) with { Communicator = communicator, Reference = ReferenceMode.None }).Dispose();
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
    public void Fit_ModelOfExperts_TrainsTheirAdapters()
    {
        using PretrainedModel model = SmallModel.Create(config: new ModelConfig
        {
            VocabularySize = 1024, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512,
            Experts = new ExpertsConfig { Count = 2, PerToken = 1, IntermediateSize = 48 },
        });

        using DpoTransformer trained = AdapterRun.Fit(_context,
            AdapterRun.Options(model,
                AdapterRun.Four with { Targets = LoraTargets.Named("q_proj", "gate", "down_proj") }) with
            { Reference = ReferenceMode.Live });

        // the load-balancing loss comes on top of ln 2
        (AdapterRun.FirstLoss(trained) - trained.TrainingSummary.History[0].Metrics[MetricNames.AuxiliaryLoss]).Should().BeApproximately(Math.Log(2), 1e-12);
        using LoraAdapter adapter = trained.ExtractAdapter();
        adapter.Modules.Should().Contain(["model.layers.1.mlp.gate", "model.layers.0.mlp.experts.1.down_proj"]).And.HaveCount(2 * (1 + 1 + 2));
    }

    [Fact]
    public void Fit_Supervised_TrainsAnAdapterOfTheModel()
    {
        using SftTransformer trained = new SftTrainer(_context, AdapterRun.Supervised(_model, AdapterRun.Four) with { Epochs = 8, LearningRate = 2e-2 })
            .Fit(SmallModel.Pairs(_context, 11));

        trained.Model.HasAdapter.Should().BeTrue();
        trained.TrainingSummary.History[^1].Metrics[MetricNames.Loss].Should().BeLessThan(trained.TrainingSummary.History[0].Metrics[MetricNames.Loss] - 0.05);
        AdapterRun.Address(trained.Model.Network.Network).Should().Be(AdapterRun.Address(_model.Network.Network));
    }

    [Fact]
    public void Fit_SupervisedContinuation_TrainsACopyOfTheAdapter()
    {
        using PretrainedModel tuned = AdapterRun.FineTuned(_context, _model);
        using SftTransformer trained = new SftTrainer(_context, AdapterRun.Supervised(tuned, LoraOptions.Continue) with { Epochs = 4 })
            .Fit(SmallModel.Pairs(_context, 11));

        trained.TrainingSummary.History[^1].Metrics[MetricNames.Loss].Should().BeLessThan(trained.TrainingSummary.History[0].Metrics[MetricNames.Loss] - 1e-3);
        using LoraAdapter before = tuned.ExtractAdapter(), after = trained.Model.ExtractAdapter();
        after.Rank.Should().Be(before.Rank);
        WeightHash.Sha256(after.Values).Should().NotBe(WeightHash.Sha256(before.Values), "a copy was trained");
        AdapterRun.Address(trained.Model.Network.Network).Should().Be(AdapterRun.Address(_model.Network.Network));
    }

    [Fact]
    public void Fit_ContinuedAdapter_HasTheOldAdapterAsReference()
    {
        using PretrainedModel tuned = AdapterRun.FineTuned(_context, _model);
        DpoTrainer.Options options = AdapterRun.Options(tuned, LoraOptions.Continue) with { Reference = ReferenceMode.Live, Epochs = 4 };

        using DpoTransformer trained = AdapterRun.Fit(_context, options);
        using DpoTransformer bare = AdapterRun.Fit(_context, options with { ReferenceModel = _model });

        AdapterRun.FirstLoss(trained).Should().Be(Math.Log(2));
        AdapterRun.FirstLoss(bare).Should().NotBeApproximately(Math.Log(2), 1e-3, "the bare model is another one");
        AdapterRun.LastLoss(trained).Should().BeLessThan(Math.Log(2) - 0.005);
        using LoraAdapter before = tuned.ExtractAdapter();
        AdapterRun.Sha256(trained).Should().NotBe(WeightHash.Sha256(before.Values), "a copy was trained");
        using DpoTransformer old = trained.WithAdapter(before), off = trained.WithoutAdapter();
        AdapterRun.Scores(_context, old).Should().OnlyContain(score => score.Margin == 0, "rewards are measured against the old adapter");
        AdapterRun.Scores(_context, off).Should().Contain(score => score.Margin != 0);
    }

    [Fact]
    public void Fit_PrecomputedReferences_AreKeptByModelAndAdapter()
    {
        using TemporaryFolder folder = new();
        using PretrainedModel tuned = AdapterRun.FineTuned(_context, _model),
            other = AdapterRun.FineTuned(_context, _model, AdapterRun.Four with { Alpha = 4 });
        void Run(PretrainedModel model, LoraOptions adapter) => AdapterRun.Fit(_context,
            AdapterRun.Options(model, adapter) with { ReferenceCacheFolder = folder.Path, Epochs = 1 }).Dispose();
        int Files() => Directory.GetFiles(folder.Path).Length;

        Run(_model, AdapterRun.Four);
        Files().Should().Be(1);
        Run(_model, AdapterRun.Four with { Rank = 2 });
        Files().Should().Be(1, "the reference is the model without the adapter");
        Run(tuned, LoraOptions.Continue);
        Files().Should().Be(2);
        Run(other, LoraOptions.Continue);
        Files().Should().Be(3);
        Run(_model, AdapterRun.Four with { BaseFormat = FrozenFormat.Int8 });
        Files().Should().Be(4);
        Run(tuned, LoraOptions.Continue);
        Files().Should().Be(4);
    }

    [Theory]
    [InlineData(FrozenFormat.BFloat16)]
    [InlineData(FrozenFormat.Int8)]
    public void Fit_BaseInAnotherFormat_MeasuresAndLogsTheShift(FrozenFormat format)
    {
        using DpoTransformer trained = AdapterRun.Fit(_context, AdapterRun.Options(_model, AdapterRun.Four with { BaseFormat = format }));

        string line = _log.Should()
            .ContainSingle(line => line.Contains($"weights in {format} move the log-probabilities of 8 responses by ", StringComparison.Ordinal)).Subject;
        double shift = double.Parse(line.Split(" by ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        shift.Should().BeInRange(1e-7, 0.01);
    }

    [Fact]
    public void Fit_FrozenLayers_SharesThemAndTrainsTheRest()
    {
        using DpoTransformer trained = AdapterRun.Fit(_context,
            AdapterRun.Options(_model) with { Adapter = null, FreezeLayers = 1, Reference = ReferenceMode.Live, Epochs = 8 });
        using PretrainedModel policy = trained.AsModel();
        Dictionary<string, TorchSharp.Modules.Parameter> before = _model.Network.Network.named_parameters().ToDictionary(p => p.name, p => p.parameter);

        AdapterRun.FirstLoss(trained).Should().Be(Math.Log(2));
        AdapterRun.LastLoss(trained).Should().BeLessThan(0.68);
        foreach ((string name, TorchSharp.Modules.Parameter after) in policy.Network.Network.named_parameters())
        {
            bool frozen = name.StartsWith("model.embed", StringComparison.Ordinal) || name.StartsWith("model.layers.0.", StringComparison.Ordinal);
            (after.storage<float>().data_ptr() == before[name].storage<float>().data_ptr()).Should().Be(frozen, name);
            after.equal(before[name]).all().item<bool>().Should().Be(frozen, name);
        }
        using DpoTransformer again = AdapterRun.Fit(_context, AdapterRun.Options(policy) with { Adapter = null });
        again.TrainingSummary.Steps.Should().Be(6, "what was frozen can be trained afterwards");
    }

    [Fact]
    public void Fit_WithDropout_DependsOnTheSeedAlone()
    {
        DpoTrainer.Options options = AdapterRun.Options(_model, AdapterRun.Four with { Dropout = 0.3 });
        using DpoTransformer one = AdapterRun.Fit(_context, options), two = AdapterRun.Fit(_context, options),
            dry = AdapterRun.Fit(_context, options with { Adapter = AdapterRun.Four });

        AdapterRun.Values(two).Should().Equal(AdapterRun.Values(one));
        AdapterRun.Distance(AdapterRun.Values(dry), AdapterRun.Values(one)).Should().BeGreaterThan(1e-3);
    }

    [Fact]
    public void Fit_Guards_RollBackAndKeepTheBestAdapter()
    {
        DpoTrainer.Options options = AdapterRun.Options(_model) with
        {
            LearningRate = 1e-2,
            Epochs = 12,
            BatchSize = 2,
            Guards = new() { MarginExplosion = GuardAction.RollBack, MaxMargin = 0.02, RollBackSteps = 2 },
            Validation = new() { Data = SmallModel.Pairs(_context, 5, seed: 9), EverySteps = 2, SamplePrompts = 1, SampleTokens = 4 },
        };

        using DpoTransformer trained = AdapterRun.Fit(_context, options);

        trained.TrainingSummary.StopReason.Should().StartWith("MarginExplosion guard, back to the weights of step");
        trained.TrainingSummary.Evaluations.Should().NotBeEmpty();
    }

    [Fact]
    public void Fit_Forecast_CountsTheBaseOnce()
    {
        List<TrainingForecast> forecasts = [];
        using DpoTransformer trained = AdapterRun.Fit(_context,
            AdapterRun.Options(_model) with { Forecast = new Immediate(forecasts.Add), Reference = ReferenceMode.Live });

        long own = _model.ParameterCount * 4, added = 5632 * 4;
        forecasts[0].Parameters.Should().Be(5632);
        forecasts[0].WeightBytes.Should().Be(own + added, "policy and reference are one");
        (forecasts[0].GradientBytes, forecasts[0].OptimizerBytes).Should().Be((added, 2 * added));
    }

    private sealed class Immediate(Action<TrainingForecast> report) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => report(value);
    }
}
