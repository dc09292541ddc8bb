using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>A run in bf16 against the same run in fp32.</summary>
public sealed class PrecisionTests
{
    private const int Steps = 200;

    [Fact]
    public void Fit_Bf16ForTwoHundredSteps_TracksFp32()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 40);
        (TrainingSummary Summary, float[] Weights) Train(ComputePrecision precision)
        {
            using DpoTransformer trained = new DpoTrainer(context, new()
            {
                Model = model, LearningRate = 1e-3, Beta = 0.5, BatchSize = 4, Epochs = Steps / 10, LogInterval = 10, Precision = precision,
                Reference = ReferenceMode.Live, Guards = GuardOptions.None,
            }).Fit(pairs);
            using PretrainedModel policy = trained.AsModel();
            return (trained.TrainingSummary, [.. policy.Network.Network.parameters().SelectMany(parameter => parameter.data<float>())]);
        }
        float[] start = [.. model.Network.Network.parameters().SelectMany(parameter => parameter.data<float>())];

        (TrainingSummary expected, float[] full) = Train(ComputePrecision.Fp32);
        (TrainingSummary actual, float[] half) = Train(ComputePrecision.Bf16);

        (expected.Steps, actual.Steps, actual.Precision).Should().Be((Steps, Steps, ComputePrecision.Bf16));
        expected.History[^1].Metrics[MetricNames.Loss].Should().BeLessThan(0.5, "the runs must have something to part over");
        for (int i = 0; i < expected.History.Count; i++)
        {
            double loss = expected.History[i].Metrics[MetricNames.Loss];
            actual.History[i].Metrics[MetricNames.Loss].Should()
                .BeApproximately(loss, 0.02 * Math.Log(2), $"step {expected.History[i].Step}: two hundredths of what there is to lose");
            actual.History[i].Metrics[MetricNames.Margin].Should()
                .BeApproximately(expected.History[i].Metrics[MetricNames.Margin], 0.05, $"step {expected.History[i].Step}");
        }
        (Distance(half, full) / Distance(full, start)).Should().BeLessThan(0.2, "both runs go the same way");
        half.Should().NotEqual(full, "the precision makes a difference");
    }

    private static double Distance(float[] left, float[] right) => Math.Sqrt(left.Zip(right, (l, r) => Math.Pow((double)l - r, 2)).Sum());
}
