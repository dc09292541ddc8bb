using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class AutoPrecisionTests
{
    [Fact]
    public void Fit_Auto_ChoosesTheFasterAndLogsWhatItMeasured()
    {
        MLContext context = new(seed: 1);
        List<string> log = [];
        context.Log += (_, line) => log.Add(line.Message);
        using PretrainedModel model = SmallModel.Create();

        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, Precision = ComputePrecision.Auto }).Fit(SmallModel.Pairs(context, 4));

        ComputePrecision chosen = trained.TrainingSummary.Precision;
        chosen.Should().BeOneOf(ComputePrecision.Fp32, ComputePrecision.Bf16);
        log.Should().ContainSingle(line => line.Contains($"{chosen} on cpu (Auto: products reach ", StringComparison.Ordinal) && line.Contains("GFLOP/s in bf16 and ", StringComparison.Ordinal));
    }
}
