using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Weights;

/// <summary>In fine-tuning a weight of 2 is the row twice, a weight of 0 the row's absence; where no weights can act, they are refused.</summary>
public sealed class ConversationWeightsTests : IDisposable
{
    private const double SameTraining = 1e-5; // the same gradients, added in another order
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly TemporaryFolder _folder = new();
    private readonly Response[] _rows = [.. RandomPairs.Make(9, 1024, seed: 3).Select(pair => pair.Chosen)];
    private readonly double[] _weights = [2, 1, 3, 1, 1, 2, 1, 4, 1];

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(BatchPadding.None, 0, 0)]
    [InlineData(BatchPadding.Longest, 0, 0)]
    [InlineData(BatchPadding.None, 60, 0)] // passes of few rows
    [InlineData(BatchPadding.None, 0, 1)] // the head in slices
    public void Fit_WholeWeights_EqualTheRowsAsOften(BatchPadding padding, int mostRows, int megabytes)
    {
        SftTrainer.Options options = Options() with
        {
            Padding = padding,
            MaxRowsPerPass = mostRows,
            MaxLogitsMegabytes = megabytes == 0 ? null : megabytes,
            Validation = new() { Data = Rows(_weights), SamplePrompts = 0 },
        };
        SftTrainer.Options often = options with { Validation = new() { Data = Repeated(), SamplePrompts = 0 } };

        ShouldBeTheSame(Fit(options, Rows(_weights)), Fit(often, Repeated()));
    }

    [Fact]
    public void Fit_WeightsThatAct_TrainAnotherModel()
    {
        Run weighted = Fit(Options(), Rows(_weights)), plain = Fit(Options(), Plain(_rows)), unread = Fit(
            Options() with { WeightColumnName = null }, Rows(_weights));

        weighted.Weights.Should().NotEqual(plain.Weights);
        unread.Weights.Should().Equal(plain.Weights);
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
        foreach (BatchPadding padding in new[] { BatchPadding.None, BatchPadding.Longest })
        {
            SftTrainer.Options options = Options() with { Model = experts, Padding = padding };

            ShouldBeTheSame(Fit(options, Rows(_weights)), Fit(options, Repeated()));
        }
    }

    [Fact]
    public void Fit_Accumulated_DividesByTheWeightsOfTheWholeStep()
    {
        SftTrainer.Options options = Options() with { BatchSize = 9 };

        ShouldBeTheSame(Fit(options with { BatchSize = 3, AccumulationSteps = 3 }, Rows(_weights)), Fit(options, Rows(_weights)));
    }

    [Fact]
    public void Fit_TwoProcesses_TrainAsOne()
    {
        SftTrainer.Options options = Options() with { BatchSize = 6, Validation = new() { Data = Rows(_weights), SamplePrompts = 0 } };

        Run[] ranks = SharedMemory.Run(2, communicator => Fit(options with { BatchSize = 3, Communicator = communicator }, Rows(_weights)));

        ShouldBeTheSame(ranks[0], Fit(options, Rows(_weights)));
        ranks[1].Weights.Should().Equal(ranks[0].Weights);
    }

    [Fact]
    public void Fit_WeightZero_EqualsTheRowsAbsenceToTheLastBit()
    {
        double[] some = [0, 1, 0, 1, 1, 1, 1, 1, 0];
        SftTrainer.Options options = Options() with { BatchSize = 2, Shuffle = true };
        Response[] left = [.. _rows.Where((_, i) => some[i] > 0)];

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
        Run with = Fit(Options(), Rows([.. _weights.Select(_ => 1.0)])), without = Fit(Options(), Plain(_rows));

        with.Weights.Should().Equal(without.Weights);
        Metrics(with.Summary).Should().Equal(Metrics(without.Summary));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1e-35)]
    public void Fit_WeightThatIsNone_NamesTheLine(double weight) =>
        Fitting(Options(), Rows([1, 1, weight, 1, 1, 1, 1, 1, 1])).Should().Throw<InvalidDataException>()
            .WithMessage("line 3: the weight is *; it must be 0, or from 1E-30 to 1E+30.");

    [Fact]
    public void Fit_WeightsThatCannotAct_AreRefusedByName()
    {
        Fitting(Options(), Rows([.. _weights.Select(_ => 0.0)])).Should().Throw<InvalidDataException>()
            .WithMessage("All 9 conversations have weight 0, which leaves none.");
        Fitting(Options() with { Accumulation = AccumulationRule.PerBatch, AccumulationSteps = 2 }, Rows(_weights))
            .Should().Throw<ArgumentException>().WithMessage("*conversations have weights*Accumulation PerBatch*2 batches*WeightColumnName to null*");
        Fitting(Options() with { WeightColumnName = " " }, Rows(_weights)).Should().Throw<ArgumentException>().WithMessage("*WeightColumnName is empty*");
    }

    [Fact]
    public void Fit_ColumnThatWouldBePassedOver_IsRefused()
    {
        IDataView rows = Rows(_weights);
        IDataView text = _context.Transforms.Conversion.ConvertType("Weight", outputKind: DataKind.String).Fit(rows).Transform(rows);
        Fitting(Options(), text).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*'Weight' is String, but a weight is a number*ConversationFileOptions.Weight*set WeightColumnName to null*");
        IDataView copied = _context.Transforms.CopyColumns("weight", "Weight").Fit(rows).Transform(rows);
        IDataView lower = _context.Transforms.DropColumns("Weight").Fit(copied).Transform(copied);
        Fitting(Options(), lower).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*column 'weight', which would be left out of account*");
        Fitting(Options() with { WeightColumnName = "No" }, rows).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*no column 'No', which WeightColumnName names*");
        ShouldBeTheSame(Fit(Options() with { WeightColumnName = "weight" }, lower), Fit(Options(), rows));
    }

    [Fact]
    public void Fit_Feedback_RefusesWeightsThatItDoesNotTake()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(_rows.Select((row, i) => WeightedConversation.Of(row, 1, i)).ToList());
        KtoTrainer trainer = new(_context, new() { Model = _model, Guards = GuardOptions.None, ConsoleWarnings = false });

        FluentActions.Invoking(() => trainer.Fit(rows)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*column 'Weight', which would be left out of account*DesirableWeight*DropColumns*");
        IDataView without = _context.Transforms.DropColumns("Weight").Fit(rows).Transform(rows);
        using KtoTransformer trained = trainer.Fit(without);
        FluentActions.Invoking(() => _context.Preferences.EvaluateFeedback(trained.Transform(rows))).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*column 'Weight', which would be left out of account*");
    }

    [Fact]
    public void Fit_ResumedWithOtherWeights_IsAnotherRun()
    {
        SftTrainer.Options options = Options() with { Checkpoints = new() { Folder = _folder.Path, EverySteps = 1 } };
        Fit(options, Rows(_weights));

        Fitting(options, Rows([.. _weights.Reverse()])).Should().Throw<InvalidOperationException>()
            .WithMessage("*Data is 9 conversations, SHA-256 *, weights *");
        Fitting(options, Rows(_weights)).Should().NotThrow();
        Fitting(options with { WeightColumnName = null, Checkpoints = new() { Folder = _folder.File("plain") } }, Plain(_rows)).Should().NotThrow();
        Fitting(options with { Checkpoints = new() { Folder = _folder.File("plain") } }, Plain(_rows)).Should()
            .NotThrow("the column's name is no part of the run, and checkpoints from before there was one have none");
    }

    [Fact]
    public void LoadConversations_NamedField_BecomesTheWeight()
    {
        string file = _folder.File("rows.jsonl");
        File.WriteAllLines(file,
        [
            """{"w": 2.5, "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}""",
            """{"w": 0, "instruction": "q", "output": "b"}""",
        ]);

        IDataView rows = _context.Preferences.LoadConversationsFromFile(file, new ConversationFileOptions { Weight = "w" });

        rows.GetColumn<float>(ColumnNames.Weight).Should().Equal(2.5f, 0);
        File.WriteAllText(file, """{"weight": 2, "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "label": true}""");
        FluentActions.Invoking(() => _context.Preferences.LoadFeedbackFromFile(file).GetColumn<string>("Conversation").ToList())
            .Should().Throw<PreferenceDataException>().WithMessage("*'weight' 2*Feedback takes no weights*");
    }

    private static void ShouldBeTheSame(Run ours, Run theirs)
    {
        using Tensor a = tensor(ours.Weights), b = tensor(theirs.Weights), start = tensor(ours.Start);
        TensorAssertions.RelativeDistance(a, start).Should().BeGreaterThan(100 * SameTraining, "a run that learns nothing shows nothing");
        TensorAssertions.RelativeDistance(a, b).Should().BeLessThan(SameTraining);
        (string Name, double Value)[] measured = Metrics(ours.Summary), expected = Metrics(theirs.Summary);
        measured.Should().HaveSameCount(expected);
        foreach (((string name, double value), (_, double right)) in measured.Zip(expected))
            value.Should().BeApproximately(right, 1e-4 * (1 + Math.Abs(right)), name);
    }

    private static (string Name, double Value)[] Metrics(TrainingSummary summary) =>
    [
        .. summary.History.SelectMany(point => point.Metrics).Concat(summary.Evaluations.SelectMany(point => point.Metrics))
            .Select(metric => (metric.Key, metric.Value)),
    ];

    private SftTrainer.Options Options() => new()
    {
        Model = _model, LearningRate = 1e-3, Epochs = 3, BatchSize = 20, Shuffle = false, LogInterval = 1, Device = ComputeDevice.Cpu,
    };

    private Action Fitting(SftTrainer.Options options, IDataView data) => () => new SftTrainer(_context, options).Fit(data).Dispose();

    private Run Fit(SftTrainer.Options options, IDataView data)
    {
        using SftTransformer trained = new SftTrainer(_context, options).Fit(data);
        return new Run(Flat(trained.Model.Network.Network), Flat(options.Model.Network.Network), trained.TrainingSummary);
    }

    private static float[] Flat(MiniMindNetwork network) => [.. network.named_parameters().SelectMany(p => p.parameter.detach().data<float>().ToArray())];

    private IDataView Rows(double[] weights) =>
        _context.Data.LoadFromEnumerable(_rows.Select((row, i) => WeightedConversation.Of(row, weights[i], i + 1)).ToList());

    private IDataView Repeated() => Plain([.. _rows.SelectMany((row, i) => Enumerable.Repeat(row, (int)_weights[i]))]);

    private IDataView Plain(IReadOnlyList<Response> rows) =>
        _context.Data.LoadFromEnumerable(rows.Select((row, i) => FeedbackRows.Row(new FeedbackExample(row, true, i + 1))).ToList());

    private sealed record Run(float[] Weights, float[] Start, TrainingSummary Summary);
}
