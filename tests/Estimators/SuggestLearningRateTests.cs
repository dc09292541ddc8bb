using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Guards;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class SuggestLearningRateTests
{
    private static readonly LearningRateSearch s_search = new() { Steps = 8, HeldOutPairs = 24 };
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(LogProbReduction.Sum)]
    [InlineData(LogProbReduction.Mean)]
    public void SuggestLearningRate_PairsThatCanBeLearnt_TellsSmallRightAndLargeApart(LogProbReduction reduction)
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = FaultyRuns.Separable(_context, 160, seed: 7);
        DpoTrainer.Options options = Options(model) with { Reduction = reduction };

        LearningRateSuggestion suggestion = _context.Preferences.SuggestLearningRate(pairs, options, s_search);

        suggestion.Recommended.Should().NotBeNull(suggestion.ToString());
        suggestion.Recommended.Should().BeInRange(suggestion.Low!.Value, suggestion.High!.Value);
        suggestion.Trials.Select(trial => trial.Rate).Should().BeInAscendingOrder().And.HaveCountLessThanOrEqualTo(s_search.MaxTrials);
        suggestion.Trials.Select(trial => trial.Verdict).Should().Contain(LearningRateVerdict.Moves);
        suggestion.PlannedSteps.Should().Be(120);
        suggestion.HeldOutPairs.Should().Be(24);

        // and it is right: the run with it learns and holds, one far below does not learn
        (double margin, double lost, IReadOnlyList<TrainingWarning> warnings) = Train(options with { LearningRate = suggestion.Recommended!.Value }, pairs);
        margin.Should().BeGreaterThan(suggestion.Trials.Min(trial => trial.PredictedMargin)).And.BePositive();
        lost.Should().BeLessThan(suggestion.MaxChosenDrop);
        warnings.Should().NotContain(warning => warning.Guard == TrainingGuard.NoLearning || warning.Guard == TrainingGuard.ChosenCollapse);
        Train(options with { LearningRate = suggestion.Low.Value / 100 }, pairs).Margin.Should().BeLessThan(margin / 10);
    }

    [Fact]
    public void SuggestLearningRate_OneAtATimeLimit_TooSmallAndTooLargeAreFound()
    {
        using PretrainedModel model = SmallModel.Create();

        LearningRateSuggestion suggestion = _context.Preferences.SuggestLearningRate(
            FaultyRuns.Alike(_context, 80, seed: 4), Options(model) with { Reduction = LogProbReduction.Sum, Beta = 0.1 }, s_search);

        suggestion.Trials.Should().Contain(trial => trial.Verdict == LearningRateVerdict.TooLarge, "the sides are the same but for two tokens");
        suggestion.Trials[0].Verdict.Should().NotBe(LearningRateVerdict.TooLarge);
    }

    [Fact]
    public void SuggestLearningRate_Twice_IsTheSame()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = FaultyRuns.Separable(_context, 60, seed: 7);
        LearningRateSuggestion Suggest(int seed) => _context.Preferences.SuggestLearningRate(
            pairs, Options(model), s_search with { MaxTrials = 2, Seed = seed });

        LearningRateSuggestion first = Suggest(5);

        Suggest(5).Trials.Should().Equal(first.Trials);
        Suggest(6).Trials.Should().NotEqual(first.Trials, "the seed deals the prompts");
    }

    [Fact]
    public void SuggestLearningRate_Cancelled_Throws()
    {
        using PretrainedModel model = SmallModel.Create();
        using CancellationTokenSource source = new();
        source.Cancel();

        Action measuring = () => _context.Preferences.SuggestLearningRate(
            FaultyRuns.Separable(_context, 60, seed: 7), Options(model) with { CancellationToken = source.Token }, s_search);

        measuring.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void SuggestLearningRate_InvalidSearch_ListsEveryFault()
    {
        using PretrainedModel model = SmallModel.Create();

        Action measuring = () => _context.Preferences.SuggestLearningRate(FaultyRuns.Separable(_context, 8, seed: 7), Options(model),
            new() { Steps = 2, MaxTrials = 1, HeldOutPairs = 0, MaxChosenDrop = 0, LeastMargin = double.NaN });

        measuring.Should().Throw<ArgumentException>().WithMessage("*Steps is 2*MaxTrials is 1*HeldOutPairs is 0*MaxChosenDrop is 0*LeastMargin is NaN*");
    }

    [Fact]
    public void Fit_WithSearch_TellsItInTheForecastAndTrainsTheSame()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = FaultyRuns.Separable(_context, 60, seed: 7);
        List<TrainingForecast> forecasts = [];
        DpoTrainer.Options plain = Options(model) with { LearningRate = 1e-9, Guards = GuardOptions.None, Epochs = 1 };
        List<string> lines = [];
        _context.Log += (_, line) => lines.Add(line.Message);

        using DpoTransformer without = new DpoTrainer(_context, plain).Fit(pairs);
        using DpoTransformer with = new DpoTrainer(_context,
            plain with { LearningRateSearch = s_search with { MaxTrials = 2 }, Forecast = new Immediate(forecasts.Add) }).Fit(pairs);

        using PretrainedModel one = without.AsModel(), other = with.AsModel();
        WeightHash.Sha256(other.Network.Network).Should().Be(WeightHash.Sha256(one.Network.Network));
        forecasts[0].LearningRates!.Trials.Should().HaveCount(2);
        forecasts[0].ToString().Should().Contain("verdict");
        lines.Should().ContainSingle(line => line.Contains("LearningRate 1e-9 was not found to do. "));
    }

    [Fact]
    public void Options_SearchThatCannotBe_IsAFault()
    {
        using PretrainedModel model = SmallModel.Create();

        Action making = () => _ = new DpoTrainer(_context, Options(model) with { LearningRateSearch = new() { Steps = 0 } });

        making.Should().Throw<ArgumentException>().WithMessage("*LearningRateSearch.Steps is 0*");
    }

    private static DpoTrainer.Options Options(PretrainedModel model) => new() { Model = model, Epochs = 3, Beta = 0.5, ConsoleWarnings = false };

    private (double Margin, double Lost, IReadOnlyList<TrainingWarning> Warnings) Train(DpoTrainer.Options options, IDataView pairs)
    {
        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(pairs);
        PreferenceMetrics metrics = _context.Preferences.Evaluate(trained.Transform(FaultyRuns.Separable(_context, 60, seed: 8)));
        double perToken = options.Reduction == LogProbReduction.Sum ? 6.5 : 1; // answers have 5 to 8 tokens
        return (metrics.MeanMargin, -metrics.MeanChosenReward / options.Beta / perToken, trained.TrainingSummary.Warnings);
    }

    private sealed class Immediate(Action<TrainingForecast> report) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => report(value);
    }
}
