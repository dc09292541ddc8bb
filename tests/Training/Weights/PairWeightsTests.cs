using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Losses;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Weights;

/// <summary>A weight of 2 is the row twice, a weight of 0 the row's absence: in training, in its measurements, in validations and evaluations.</summary>
public sealed class PairWeightsTests : IDisposable
{
    private const double SameTraining = 1e-5; // the same gradients, added in another order
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly IReadOnlyList<PreferenceExample> _pairs = RandomPairs.Make(9, 1024, seed: 3);
    private readonly double[] _weights = [2, 1, 3, 1, 1, 2, 1, 4, 1];

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(BatchPadding.None, true, 0, 0)]
    [InlineData(BatchPadding.None, false, 0, 0)]
    [InlineData(BatchPadding.Longest, false, 0, 0)]
    [InlineData(BatchPadding.None, true, 60, 0)] // passes of few rows
    [InlineData(BatchPadding.None, true, 0, 1)] // the head in slices
    public void Fit_WholeWeights_EqualTheRowsAsOften(BatchPadding padding, bool share, int mostRows, int megabytes)
    {
        DpoTrainer.Options options = Options() with
        {
            Padding = padding,
            SharePrompts = share,
            MaxRowsPerPass = mostRows,
            MaxLogitsMegabytes = megabytes == 0 ? null : megabytes,
            Validation = new() { Data = Rows(_weights), SamplePrompts = 0 },
        };
        DpoTrainer.Options often = options with { Validation = new() { Data = Repeated(), SamplePrompts = 0 } };

        ShouldBeTheSame(Fit(options, Rows(_weights)), Fit(often, Repeated()));
    }

    [Fact]
    public void Fit_MixtureOfExperts_BalancesTheRowsAsOften()
    {
        ModelConfig config = new()
        {
            VocabularySize = 1024, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512,
            Experts = new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = 16, AuxLossCoefficient = 0.5 },
        };
        using PretrainedModel experts = SmallModel.Create(config: config);
        foreach ((BatchPadding padding, bool share) in new[] { (BatchPadding.None, true), (BatchPadding.None, false), (BatchPadding.Longest, false) })
        {
            DpoTrainer.Options options = Options() with { Model = experts, Padding = padding, SharePrompts = share };

            ShouldBeTheSame(Fit(options, Rows(_weights)), Fit(options, Repeated()));
        }
    }

    [Fact]
    public void Fit_Accumulated_DividesByTheWeightsOfTheWholeStep()
    {
        DpoTrainer.Options options = Options() with { BatchSize = 9 };

        ShouldBeTheSame(Fit(options with { BatchSize = 3, AccumulationSteps = 3 }, Rows(_weights)), Fit(options, Rows(_weights)));
    }

    [Fact]
    public void Fit_WeightsOfAnotherScale_AreTheSameWeights() =>
        ShouldBeTheSame(Fit(Options(), Rows([.. _weights.Select(weight => weight * 1e-20)])), Fit(Options(), Rows(_weights)));

    [Fact]
    public void Fit_WeightZero_EqualsTheRowsAbsenceToTheLastBit()
    {
        double[] some = [0, 1, 0, 1, 1, 1, 1, 1, 0];
        DpoTrainer.Options options = Options() with { BatchSize = 2, Shuffle = true };
        PreferenceExample[] left = [.. _pairs.Where((_, i) => some[i] > 0)];

        Run with = Fit(options with { Validation = new() { Data = Rows(some), SamplePrompts = 0 } }, Rows(some));
        Run without = Fit(options with { Validation = new() { Data = Plain(left), SamplePrompts = 0 } }, Plain(left));

        with.Weights.Should().Equal(without.Weights);
        Metrics(with.Summary).Should().Equal(Metrics(without.Summary));
        with.Summary.Evaluations.Select(point => point.Examples).Should().AllBeEquivalentTo(6);
        with.Summary.Skipped.Should().Equal(new[] { 1L, 3, 9 }.Select(line => new SkippedPair(line, "its weight is 0")));
    }

    [Fact]
    public void Fit_WeightsOfOne_AreNoWeightsToTheLastBit()
    {
        DpoTrainer.Options options = Options() with { BatchSize = 2, Epochs = 2 };

        Run with = Fit(options, Rows([.. _weights.Select(_ => 1.0)])), without = Fit(options, Plain(_pairs));

        with.Weights.Should().Equal(without.Weights);
        Metrics(with.Summary).Should().Equal(Metrics(without.Summary));
    }

    [Fact]
    public void Evaluate_WholeWeights_EqualTheRowsAsOften()
    {
        using DpoTransformer trained = new DpoTrainer(_context, Options()).Fit(Plain(_pairs));

        PreferenceMetrics weighted = _context.Preferences.Evaluate(trained.Transform(Rows(_weights)));
        PreferenceMetrics often = _context.Preferences.Evaluate(trained.Transform(Repeated()));
        PreferenceMetrics plain = _context.Preferences.Evaluate(trained.Transform(Rows(_weights)), new ScoreColumns { Weight = null });

        double[] Averages(PreferenceMetrics metrics) =>
        [
            metrics.Accuracy, metrics.MeanMargin, metrics.MeanChosenReward, metrics.MeanRejectedReward, metrics.MeanChosenLogProb, metrics.MeanRejectedLogProb,
                metrics.Loss,
        ];
        foreach ((double ours, double theirs) in Averages(weighted).Zip(Averages(often)))
            ours.Should().BeApproximately(theirs, 1e-6);
        Averages(weighted).Should().NotEqual(Averages(plain), "weights must act");
        weighted.Count.Should().Be(9, "pairs are counted, not weights");
    }

    [Fact]
    public void Evaluate_WeightZero_EqualsTheRowsAbsence()
    {
        using DpoTransformer trained = new DpoTrainer(_context, Options()).Fit(Plain(_pairs));

        PreferenceMetrics with = _context.Preferences.Evaluate(trained.Transform(Rows([0, 1, 1, 1, 0, 1, 1, 1, 1])));
        PreferenceMetrics without = _context.Preferences.Evaluate(trained.Transform(Plain([.. _pairs.Where((_, i) => i is not (0 or 4))])));

        with.Should().BeEquivalentTo(without);
    }

    [Fact]
    public void Evaluate_UnevenWeights_WidenTheInterval()
    {
        using DpoTransformer trained = new DpoTrainer(_context, Options()).Fit(Plain(_pairs));
        double Width(params double[] weights)
        {
            PreferenceMetrics metrics = _context.Preferences.Evaluate(trained.Transform(Rows(weights)));
            return metrics.AccuracyUpper - metrics.AccuracyLower;
        }

        Width(1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000).Should()
            .BeApproximately(Width(1, 1, 1, 1, 1, 1, 1, 1, 1), 1e-12, "large weights are no larger sample");
        Width(1, 1, 1, 1, 1, 1, 1, 1, 1000).Should().BeGreaterThan(0.7, "nearly all weight is one pair's");
    }

    [Fact]
    public void Fit_WeightsThatCannotAct_AreRefusedByName()
    {
        IDataView weighted = Rows(_weights);
        Fitting(Options() with { Loss = new CenteredSigmoid(), Beta = 0.1, Reduction = LogProbReduction.Sum }, weighted)
            .Should().Throw<ArgumentException>().WithMessage("*weights*Loss CenteredSigmoid couples the pairs*InputColumns.Weight to null*");
        Fitting(Options() with
        {
            Loss = new CenteredSigmoid(),
            Beta = 0.1,
            Reduction = LogProbReduction.Sum,
            Validation = new() { Data = weighted, SamplePrompts = 0 }
        }, Plain(_pairs))
            .Should().Throw<ArgumentException>().WithMessage("*weights*Loss CenteredSigmoid couples the pairs*");
        Fitting(Options() with { Accumulation = AccumulationRule.PerBatch, AccumulationSteps = 2 }, weighted)
            .Should().Throw<ArgumentException>().WithMessage("*weights*Accumulation PerBatch*2 batches*");
        Fitting(Options() with { Loss = new CenteredSigmoid(), Beta = 0.1, Reduction = LogProbReduction.Sum, InputColumns = new() { Weight = null } }, weighted)
            .Should().NotThrow();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e-35)]
    public void Fit_WeightThatIsNone_NamesTheLine(double weight) =>
        Fitting(Options(), Rows([1, 1, weight, 1, 1, 1, 1, 1, 1])).Should().Throw<InvalidDataException>()
            .WithMessage("line 3: the weight is *; it must be 0, or from 1E-30 to 1E+30.");

    [Fact]
    public void Fit_AllWeightsZero_IsRefused() =>
        Fitting(Options(), Rows([.. _weights.Select(_ => 0.0)])).Should().Throw<InvalidDataException>()
            .WithMessage("All 9 pairs have weight 0, which leaves none.");

    [Fact]
    public void Fit_ColumnThatWouldBePassedOver_IsRefused()
    {
        IDataView rows = Rows(_weights);
        IDataView text = _context.Transforms.Conversion.ConvertType("Weight", outputKind: DataKind.String).Fit(rows).Transform(rows);
        Fitting(Options(), text).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*'Weight' is String, but a weight is a number*");
        IDataView lower = _context.Transforms.DropColumns("Weight").Fit(Lower(rows)).Transform(Lower(rows));
        Fitting(Options(), lower).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*column 'weight', which would be left out of account*");
        Fitting(Options() with { InputColumns = new() { Weight = "No" } }, rows).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*no column 'No', which InputColumns.Weight names*");
        ShouldBeTheSame(Fit(Options() with { InputColumns = new() { Weight = "weight" } }, lower), Fit(Options(), rows));

        IDataView Lower(IDataView view) => _context.Transforms.CopyColumns("weight", "Weight").Fit(view).Transform(view);
    }

    [Fact]
    public void Fit_NumbersOfAnotherType_AreWeights()
    {
        IDataView rows = Rows(_weights);
        IDataView wide = _context.Transforms.Conversion.ConvertType("Weight", outputKind: DataKind.Double).Fit(rows).Transform(rows);

        Fit(Options(), wide).Weights.Should().Equal(Fit(Options(), rows).Weights);
    }

    [Fact]
    public void Fit_ResumedWithOtherWeights_IsAnotherRun()
    {
        string folder = Directory.CreateTempSubdirectory("weights-").FullName;
        try
        {
            DpoTrainer.Options options = Options() with { Checkpoints = new() { Folder = folder, EverySteps = 1 } };
            Fit(options, Rows(_weights));

            Fitting(options, Rows([.. _weights.Reverse()])).Should().Throw<InvalidOperationException>()
                .WithMessage("*Data is 9 pairs, SHA-256 *, weights and margins *");
            Fitting(options, Rows(_weights)).Should().NotThrow();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void ShouldBeTheSame(Run ours, Run theirs)
    {
        using Tensor a = tensor(ours.Weights), b = tensor(theirs.Weights), start = tensor(ours.Start);
        TensorAssertions.RelativeDistance(a, start).Should().BeGreaterThan(100 * SameTraining, "a run that learns nothing shows nothing");
        TensorAssertions.RelativeDistance(a, b).Should().BeLessThan(SameTraining);
        (string Name, double Value)[] measured = Metrics(ours.Summary), expected = Metrics(theirs.Summary);
        measured.Should().HaveSameCount(expected);
        foreach (((string name, double value), (_, double right)) in measured.Zip(expected))
        {
            value.Should()
            .BeApproximately(right, 1e-4 * (1 + Math.Abs(right)), name);
        }
    }

    // all but the interval, which depends on how many pairs there are
    private static (string Name, double Value)[] Metrics(TrainingSummary summary) =>
    [
        .. summary.History.SelectMany(point => point.Metrics).Concat(summary.Evaluations.SelectMany(point => point.Metrics))
            .Where(metric => metric.Key != MetricNames.AccuracyLower && metric.Key != MetricNames.AccuracyUpper && metric.Key != MetricNames.KlDivergence)
            .Select(metric => (metric.Key, metric.Value)),
    ];

    private DpoTrainer.Options Options() => new()
    {
        Model = _model, LearningRate = 1e-3, Epochs = 3, BatchSize = 20, Shuffle = false, LogInterval = 1, Device = ComputeDevice.Cpu, Beta = 0.5,
    };

    private Action Fitting(DpoTrainer.Options options, IDataView data) => () => new DpoTrainer(_context, options).Fit(data).Dispose();

    private Run Fit(DpoTrainer.Options options, IDataView data)
    {
        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(data);
        using PretrainedModel policy = trained.AsModel();
        return new Run(Flat(policy.Network.Network), Flat(options.Model.Network.Network), trained.TrainingSummary);
    }

    private static float[] Flat(MiniMindNetwork network) => [.. network.named_parameters().SelectMany(p => p.parameter.detach().data<float>().ToArray())];

    private IDataView Rows(double[] weights) =>
        _context.Data.LoadFromEnumerable(_pairs.Select((pair, i) => NumberedPair.Of(pair, weights[i])).ToList(), Schema());

    private IDataView Repeated() => Plain([.. _pairs.SelectMany((pair, i) => Enumerable.Repeat(pair, (int)_weights[i]))]);

    private IDataView Plain(IReadOnlyList<PreferenceExample> pairs) => _context.Data.LoadFromEnumerable(pairs.Select(SmallModel.Row).ToList());

    private static SchemaDefinition Schema()
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(NumberedPair));
        schema.Remove(schema.Single(column => column.MemberName == nameof(NumberedPair.Margin)));
        return schema;
    }

    private sealed record Run(float[] Weights, float[] Start, TrainingSummary Summary);
}
