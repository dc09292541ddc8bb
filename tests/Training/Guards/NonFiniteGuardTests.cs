using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>When the guard speaks and which pairs it names, of steps and measurements that are told; the model and its pairs are sound.</summary>
public sealed class NonFiniteGuardTests : IDisposable
{
    private const int Pairs = 14;

    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly FlatParameters _parameters;
    private readonly Sgd _optimizer;
    private readonly NonFiniteGuard _guard = New();

    public NonFiniteGuardTests()
    {
        _parameters = new FlatParameters(_model.Network.Network.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new Sgd(_parameters, new SgdOptions());
    }

    [Fact]
    public void Stepped_NumbersAll_SaysNothing()
    {
        TrainingState state = State();

        Measure(state, 0.7, 1);
        Step(state, false, 0, 1);

        state.Warnings.Should().BeEmpty();
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(double.NegativeInfinity, 1)]
    [InlineData(0.7, double.PositiveInfinity)]
    public void Stepped_MeasuredLossOrGradientIsNone_NamesThePairsSinceTheLastMeasurement(double loss, double gradientNorm)
    {
        TrainingState state = State();
        Step(state, false, 0, 1);
        Measure(state, 0.7, 1);
        Step(state, false, 2, 3); // measured: what comes from now on is new
        Step(state, false, 4);

        Measure(state, loss, gradientNorm);
        Step(state, false, 5, 6);

        TrainingWarning warning = state.Warnings.Should().ContainSingle().Subject;
        warning.Message.Should().StartWith(
            "the loss or its gradient is infinite or not a number for the pairs line 5, line 6, line 7 together, but for none of them alone. Likely cause: " +
            "LearningRate 0.5 is too high, or the model's weights were not good to begin with. Lower LearningRate, for example to 0.05,");
    }

    [Fact]
    public void Stepped_SkippedStep_IsNoticedAtOnceAndNamesItsPairsAlone()
    {
        TrainingState state = State();
        Step(state, false, 0, 1);

        Step(state, true, 2, 3);

        state.Warnings.Should().ContainSingle().Which.Message.Should().Contain("for the pairs line 3, line 4 together");
    }

    [Fact]
    public void Stepped_ManyPairs_NamesTen()
    {
        TrainingState state = State();

        Step(state, true, [.. Enumerable.Range(0, 12)]);

        state.Warnings.Should().ContainSingle().Which.Message.Should().Contain("line 9, line 10 and 2 more together").And.NotContain("line 11");
    }

    [Fact]
    public void Stepped_WeightsThatAreNoNumbers_SaysThatTheyAre()
    {
        TrainingState state = State();
        using (torch.no_grad())
            _parameters.Values.fill_(float.NaN);

        Step(state, true, 0, 1);

        state.Warnings.Should().ContainSingle().Which.Message.Should().Contain("and so are weights by now; the last pairs were line 1, line 2.");
    }

    [Fact]
    public void Stepped_WithAScaler_SpeaksOnceTooManyAreSkippedInARow()
    {
        TrainingState state = State(new GradientScaler(new GradientScalerOptions()));
        for (int i = 0; i < 25; i++)
            Step(state, true, 0);
        Measure(state, 0.7, double.PositiveInfinity); // the norm of a skipped step, as usual
        Step(state, false, 0);
        for (int i = 0; i < 25; i++)
            Step(state, true, 0);
        state.Warnings.Should().BeEmpty("a step in between was taken");

        Step(state, true, 0);

        state.Warnings.Should().ContainSingle();
    }

    [Fact]
    public void Load_Memory_GoesOnWhereItWas()
    {
        TrainingState state = State(new GradientScaler(new GradientScalerOptions()));
        for (int i = 0; i < 25; i++)
            Step(state, true, i % 3);
        NonFiniteGuard resumed = New();
        resumed.Load(_guard.Save());

        resumed.Stepped(state, Result(true, [3]));

        state.Warnings.Should().ContainSingle("that is the 26th in a row");
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(0.6, 0)]
    public void Evaluated_Loss_SpeaksWhereItIsNone(double loss, int warnings)
    {
        TrainingState state = State();
        ValidationPoint evaluation = new(3, 0, new Dictionary<string, double> { [MetricNames.Loss] = loss }, 8, default, default);

        _guard.Evaluated(state, evaluation);
        _guard.Evaluated(state, evaluation);

        state.Warnings.Should().HaveCount(warnings, "it speaks once");
        if (warnings > 0)
            state.Warnings[0].Message.Should().StartWith($"the validation loss is {loss}. Likely cause: ");
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _parameters.Dispose();
        _model.Dispose();
    }

    private static NonFiniteGuard New() => new(GuardAction.Warn, null, 0.5, torch.ScalarType.Float32);

    private static StepResult Result(bool skipped, IReadOnlyList<int> examples) => new()
    {
        Step = 1, Epoch = 0, LearningRate = 0.5, MetricSums = null!, Weight = 1, Examples = examples, OwnExamples = examples, Tokens = 1, Rows = 1,
        Skipped = skipped,
    };

    private TrainingState State(GradientScaler? scaler = null)
    {
        BatchOptions batches = new(BatchShape.PackedWithSharedPrefix, true, 64, 0, true, torch.ScalarType.Float32, long.MaxValue);
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum);
        return new TrainingState
        {
            Network = _model.Network.Network, Parameters = _parameters, Optimizer = _optimizer, TotalSteps = 40, StepsPerEpoch = 40, Scaler = scaler,
            Task = new PreferenceTask(_model.Network.Network, new AbsentReference(), RandomPairs.Make(Pairs, 1024, 3), objective, batches),
        };
    }

    private void Measure(TrainingState state, double loss, double gradientNorm) => _guard.Measured(state, new TrainingPoint(
        1, 0, 0.5, gradientNorm, new Dictionary<string, double> { [MetricNames.Loss] = loss, [MetricNames.Margin] = 0 }, 2, 2, 2, 0, TimeSpan.Zero));

    private void Step(TrainingState state, bool skipped, params int[] examples) => _guard.Stepped(state, Result(skipped, examples));
}
