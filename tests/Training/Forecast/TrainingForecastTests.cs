using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

public sealed class TrainingForecastTests
{
    [Fact]
    public void Fit_WithForecast_TellsWorkFirstAndTimeAfterThreeSteps()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 40);
        long tokens = RandomPairs.Make(40, 1024, seed: 3).Sum(p => (long)p.Chosen.InputIds.Length + p.Rejected.InputIds.Length);
        List<TrainingForecast> forecasts = [];
        List<string> lines = [];
        context.Log += (_, line) => lines.Add(line.Message);

        using DpoTransformer trained = new DpoTrainer(context, new()
        {
            Model = model, Epochs = 2, Forecast = new Forecasts(forecasts.Add), Guards = new() { MarginExplosion = GuardAction.RollBack },
            Validation = new() { Data = pairs, KeepBest = true, SamplePrompts = 0 },
        }).Fit(pairs);

        forecasts.Should().HaveCount(2);
        (TrainingForecast first, TrainingForecast second) = (forecasts[0], forecasts[1]);
        (first.Step, first.TotalSteps, first.Parameters, first.Tokens, first.Remaining).Should().Be((0, 20, model.ParameterCount, 2 * tokens, null));
        first.GradientBytes.Should().BeInRange(4 * model.ParameterCount, 4 * model.ParameterCount + 4096, "parameters lie at multiples of 64 bytes");
        first.WeightBytes.Should().Be(first.GradientBytes + 4 * model.ParameterCount, "the reference has its own");
        first.OptimizerBytes.Should().Be(2 * first.GradientBytes, "AdamW remembers two numbers for each weight");
        first.CopyBytes.Should().Be(4 * first.GradientBytes, "the best weights, and weights and optimizer to roll back to");
        first.PeakBytes.Should().Be(first.BaseBytes + first.WeightBytes + first.GradientBytes + first.OptimizerBytes + first.CopyBytes + first.PassBytes);
        second.Step.Should().Be(3);
        second.Remaining.Should().BePositive().And.BeLessThan(TimeSpan.FromMinutes(5));
        lines.Should().Contain(line => line.Contains("forecast: ") && line.Contains("20 steps over"))
            .And.Contain(line => line.Contains("17 steps over") && line.EndsWith("left"));
    }

    private sealed class Forecasts(Action<TrainingForecast> report) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => report(value);
    }
}
