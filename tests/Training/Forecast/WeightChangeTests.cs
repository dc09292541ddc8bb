using Microsoft.Extensions.Logging;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

public sealed class WeightChangeTests
{
    [Theory]
    [InlineData(
        4e-8, 2e-6, 100, 0.02,
        "LearningRate 4e-8 (the default, MiniMind's for its own set) moves a weight by 0.01 % of the weights' size at most in 100 steps: expect a loss that " +
        "stays at ln 2*Set LearningRate, for example to 2e-6, or*")]
    [InlineData(
        4e-8, 2e-4, 5000, 0.02, "LearningRate 4e-8 (the default*moves a weight by 1 % of*in 5000 steps. Where the margin stays near 0, set LearningRate*")]
    [InlineData(1e-6, 1e-6, 1, 0.02, "LearningRate 1e-6 moves a weight by 0.005 % of the weights' size at most in 1 step: expect*for example to 1e-4, or*")]
    [InlineData(0, 0, 50, 0.02, "LearningRate 0e*moves a weight by 0 %*for example to 2e-6, or*")]
    public void Advice_LittleOrThePreset_SaysWhatMovesAndWhatToSet(double rate, double sum, long steps, double size, string advice) =>
        new WeightChange(rate, sum, steps, size).Advice().Should().Match(advice);

    [Theory]
    [InlineData(2e-6, 2e-4, 0.02)]
    [InlineData(5e-3, 0.1, 0.02)]
    public void Advice_RateOfItsOwnThatMoves_IsNone(double rate, double sum, double size) => new WeightChange(rate, sum, 100, size).Advice().Should().BeNull();

    [Fact]
    public void Fit_DefaultRate_TellsForecastAndLogger()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        CollectingLogger logger = new();
        TrainingForecast? forecast = null;

        using DpoTransformer trained = new DpoTrainer(context, new()
        {
            Model = model, Logger = logger, Forecast = new Immediate(told => forecast ??= told), Schedule = ScheduleOptions.Constant(),
        }).Fit(SmallModel.Pairs(context, 8));

        // two steps of 4e-8 over weights drawn with a standard deviation of 0.02, but for the norms' ones
        forecast!.LargestWeightChange.Should().BeInRange(8e-8 / 0.5, 8e-8 / 0.02);
        forecast.ToString().Should().MatchRegex(@", weights move by 0\.0\d+ % at most");
        logger.Lines.Should().ContainSingle(line => line.StartsWith("13 Warning LearningRate 4e-8 (the default", StringComparison.Ordinal));
        trained.TrainingSummary.Warnings.Should().BeEmpty("it is no finding of a guard");
    }

    [Fact]
    public void Fit_OtherOptimizer_ClaimsNothing()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        CollectingLogger logger = new();
        TrainingForecast? forecast = null;

        using DpoTransformer trained = new DpoTrainer(context, new()
        {
            Model = model, Logger = logger, Forecast = new Immediate(told => forecast ??= told), Optimizer = OptimizerOptions.Sgd(),
        }).Fit(SmallModel.Pairs(context, 8));

        forecast!.LargestWeightChange.Should().BeNull();
        forecast.ToString().Should().NotContain("weights move");
        logger.Lines.Should().NotContain(line => line.Contains("LearningRate"));
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(2.2, "3 s")]
    [InlineData(60, "1 min 0 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(3599.5, "1 h 0 min")]
    [InlineData(6000, "1 h 40 min")]
    [InlineData(97200, "1 d 3 h")]
    [InlineData(-1, "0 s")]
    public void Of_Time_IsSaidInItsLargestUnits(double seconds, string text) => ShortTime.Of(TimeSpan.FromSeconds(seconds)).Should().Be(text);

    private sealed class Immediate(Action<TrainingForecast> report) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => report(value);
    }

    private sealed class CollectingLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{eventId.Id} {logLevel} {formatter(state, exception)}");
    }
}
