using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Margins;

/// <summary>-log sigmoid(beta * difference - offset), with alpha * log(gap) or the margin itself as the offset.</summary>
public sealed class PreferenceMarginTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly IReadOnlyList<PreferenceExample> _pairs = RandomPairs.Make(6, 1024, seed: 3);
    private readonly double[] _gaps = [0.5, 1, 2, 4, 0.25, 8];

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(0.7, 0.2)]
    [InlineData(-0.7, 0)]
    [InlineData(3000, 0)] // far from where a float's exponent ends
    public void Losses_WithOffset_AreTheFormula(double offset, double smoothing)
    {
        using DisposeScope scope = NewDisposeScope();
        const double Beta = 0.1;
        double[] policy = [-10, -15], reference = [-12, -14];
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(smoothing), Beta, LogProbReduction.Sum, PreferenceMargin.Plain());
        Tensor point = tensor(policy, requires_grad: true);

        Tensor loss = objective.Losses(new PairLogProbs(point, tensor(reference), ones(2)) { Offsets = tensor(new[] { offset }) });
        loss.sum().backward();

        double h = Beta * (-10 - -15 - (-12 - -14)) - offset;
        double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
        loss.item<double>().Should().BeApproximately((1 - smoothing) * Softplus(-h) + smoothing * Softplus(h), 1e-9 * (1 + Math.Abs(h)));
        double slope = -(1 - smoothing) / (1 + Math.Exp(h)) + smoothing / (1 + Math.Exp(-h));
        point.grad!.data<double>().ToArray()[0].Should().BeApproximately(Beta * slope, 1e-12);
        PreferenceLosses whole = objective.Of(new PairLogProbs(tensor(policy), tensor(reference), ones(2)) { Offsets = tensor(new[] { offset }) });
        (whole.ChosenRewards - whole.RejectedRewards).item<double>().Should().BeApproximately(h + offset, 1e-12, "rewards are those without the offset");
    }

    [Theory]
    [InlineData(true, LogProbReduction.Mean)]
    [InlineData(false, LogProbReduction.Sum)]
    public void Fit_FirstStep_HasTheLossOfTheOffsets(bool isGap, LogProbReduction reduction)
    {
        PreferenceMargin margin = isGap ? PreferenceMargin.LogScoreGap(0.5) : PreferenceMargin.Plain(2);
        DpoTrainer.Options options = Options(margin) with { Reduction = reduction, Validation = new() { Data = Rows(_gaps), SamplePrompts = 0 } };

        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(Rows(_gaps));

        double expected = _gaps.Average(gap =>
            Math.Log(1 + Math.Exp(isGap ? 0.5 * Math.Log(gap) : 2 * gap))); // the policy is the reference: all differences are 0
        trained.TrainingSummary.History[0].Metrics[MetricNames.Loss].Should().BeApproximately(expected, 1e-5);
        trained.TrainingSummary.Evaluations[0].Metrics[MetricNames.Loss].Should().BeApproximately(expected, 1e-5);
        PreferenceMetrics metrics = _context.Preferences.Evaluate(trained.Transform(Rows(_gaps)));
        metrics.Loss.Should().BeApproximately(trained.TrainingSummary.Evaluations[^1].Metrics[MetricNames.Loss], 1e-5);
        _context.Preferences.Evaluate(trained.Transform(Plain())).Loss.Should().Be(double.NaN, "without the margins the loss is not known");
    }

    [Fact]
    public void Fit_LargeOffsets_LearnTheSameInSlicesOfTheHead()
    {
        double[] large = [900, -900, 2, 4, 900, -900]; // sigmoid of -900 is 0 in double precision
        DpoTrainer.Options options = Options(PreferenceMargin.Plain());
        float[] whole = Fit(options, Rows(large)), sliced = Fit(options with { MaxLogitsMegabytes = 1 }, Rows(large));

        using Tensor a = tensor(whole), b = tensor(sliced), start = tensor(Flat(_model.Network.Network));
        whole.Should().OnlyContain(weight => float.IsFinite(weight));
        TensorAssertions.RelativeDistance(a, start).Should().BeGreaterThan(1e-3);
        TensorAssertions.RelativeDistance(b, a).Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Gradient_OfSlicedGroupsWithLargeOffset_IsFinite()
    {
        using DisposeScope scope = NewDisposeScope();
        MiniMindNetwork network = _model.Network.Network;
        PreferenceExample[] pairs = [.. _pairs.Select(pair => pair with { Offset = -900 })];
        foreach (LogProbReduction reduction in Enum.GetValues<LogProbReduction>())
        {
            const int TwoLabels = 2048; // elements of their logits
            BatchOptions batches = new(
                BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: false, ScalarType.Float32, TwoLabels);
            using MiniMindNetwork policy = network.Clone(CPU);
            PreferenceObjective objective = new(PreferenceLoss.Sigmoid(), 0.5, reduction, PreferenceMargin.Plain());
            PreferenceTask task = new(policy, new LiveReference(network, TwoLabels), pairs, objective, batches);
            int[] all = [.. Enumerable.Range(0, pairs.Length)];
            Tensor metrics = task.Accumulate(new DeviceBatch(task.Build(all), ScalarType.Float32, CPU), all, 1);
            metrics.data<double>().ToArray().Should().OnlyContain(value => double.IsFinite(value));
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in policy.named_parameters())
                parameter.grad!.isfinite().all().item<bool>().Should().BeTrue(name);
        }
    }

    [Fact]
    public void Fit_Margin_ChangesWhatIsLearntAndGoesIntoTheFile()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("margin-").FullName, "model.zip");
        DpoTrainer.Options options = Options(PreferenceMargin.LogScoreGap(0.5));
        Fit(options, Rows(_gaps)).Should().NotEqual(Fit(Options(null), Plain()));

        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(Rows(_gaps));
        _context.Model.Save(trained, null, path);
        using DpoTransformer loaded = (DpoTransformer)_context.Preferences.LoadModel(path);

        _context.Preferences.Evaluate(loaded.Transform(Rows(_gaps))).Should().BeEquivalentTo(_context.Preferences.Evaluate(trained.Transform(Rows(_gaps))));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Fit_MarginsWithoutTheirMeaning_AreRefused()
    {
        Fitting(Options(null), Rows(_gaps)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*column 'Margin', which would be left out of account: say by Margin*LogScoreGap*InputColumns.Margin to null*");
        Fitting(Options(null) with { InputColumns = new() { Margin = null } }, Rows(_gaps)).Should().NotThrow();
        Fitting(Options(PreferenceMargin.Plain()), Plain()).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*Margin is set, and the data has no column 'Margin'*");
        Fitting(Options(PreferenceMargin.LogScoreGap()), Rows([1, 2, 0, 1, 1, 1])).Should().Throw<InvalidDataException>()
            .WithMessage("line 3: the margin is 0; a gap between scores must be above 0*");
        Fitting(Options(PreferenceMargin.Plain()), Rows([1, double.NaN, 0, 1, 1, 1])).Should().Throw<InvalidDataException>()
            .WithMessage("line 2: the margin is NaN*");
        FluentActions.Invoking(() => new DpoTrainer(_context, Options(PreferenceMargin.Plain()) with { Loss = PreferenceLoss.Ipo(), Beta = 0.1 }))
            .Should().Throw<ArgumentException>().WithMessage("*Margin is set, but Loss Ipo takes no margins*");
        FluentActions.Invoking(() => PreferenceMargin.Plain(0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => PreferenceMargin.LogScoreGap(double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Fit_OnScoredPairs_KnowsAModelsMarginsFromThoseOfTheData()
    {
        using DpoTransformer first = new DpoTrainer(_context, Options(null)).Fit(Plain());
        Fitting(Options(null), first.Transform(Plain())).Should().NotThrow("a score is no margin to reach");
        Fitting(Options(PreferenceMargin.Plain()), first.Transform(Plain())).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*that of a model's scores*");
        Fit(Options(PreferenceMargin.Plain()), first.Transform(Rows(_gaps))).Should()
            .Equal(Fit(Options(PreferenceMargin.Plain()), Rows(_gaps)), "the scores hide the margins, which are still there");
    }

    private DpoTrainer.Options Options(PreferenceMargin? margin) => new()
    {
        Model = _model, LearningRate = 1e-3, Epochs = 3, BatchSize = 6, Shuffle = false, LogInterval = 1, Device = ComputeDevice.Cpu, Beta = 0.5,
        Margin = margin,
    };

    private Action Fitting(DpoTrainer.Options options, IDataView data) => () => new DpoTrainer(_context, options).Fit(data).Dispose();

    private float[] Fit(DpoTrainer.Options options, IDataView data)
    {
        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(data);
        using PretrainedModel policy = trained.AsModel();
        return Flat(policy.Network.Network);
    }

    private static float[] Flat(MiniMindNetwork network) => [.. network.named_parameters().SelectMany(p => p.parameter.detach().data<float>().ToArray())];

    private IDataView Rows(double[] margins) => _context.Data.LoadFromEnumerable(_pairs.Select((pair, i) => NumberedPair.Of(pair, 1, margins[i])).ToList());

    private IDataView Plain() => _context.Data.LoadFromEnumerable(_pairs.Select(SmallModel.Row).ToList());
}
