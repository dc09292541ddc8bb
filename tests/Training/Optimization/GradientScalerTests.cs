using MiniMind.MLNet.Dpo.Training.Optimization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

public class GradientScalerTests
{
    [Theory]
    [InlineData(65536, 2, 0.5, 2000, 0.001)]
    [InlineData(65536, 2, 0.5, 7, 0.1)]
    [InlineData(1000, 1.7, 0.3, 3, 0.2)]
    [InlineData(1e38, 2, 0.5, 2, 0.05)]
    public void Update_RandomOverflows_FollowsTorchsStateMachine(double initial, double growth, double backoff, int interval, double overflowShare)
    {
        GradientScaler scaler = new(new GradientScalerOptions
        {
            InitialScale = initial, GrowthFactor = growth, BackoffFactor = backoff,
            GrowthInterval = interval
        });
        Random random = new(5);
        float scale = (float)initial;
        int tracker = 0;
        long skipped = 0;

        for (int step = 0; step < 6000; step++)
        {
            bool overflow = random.NextDouble() < overflowShare;
            scaler.Update(overflow);

            // torch, aten/src/ATen/native/cuda/AmpKernels.cu: amp_update_scale
            if (overflow)
            {
                scale = (float)(scale * backoff);
                tracker = 0;
                skipped++;
            }
            else
            {
                int successful = tracker + 1;
                if (successful == interval)
                {
                    float candidate = (float)(scale * growth);
                    if (!float.IsInfinity(candidate))
                        scale = candidate;
                    tracker = 0;
                }
                else
                {
                    tracker = successful;
                }
            }
            scaler.State.Should().Be(new GradientScalerState(scale, tracker, skipped), "step {0} overflowed: {1}", step, overflow);
        }
    }

    [Fact]
    public void State_SetOnAFreshScaler_ContinuesTheRun()
    {
        GradientScalerOptions options = new() { GrowthInterval = 5 };
        GradientScaler first = new(options);
        foreach (bool overflow in new[] { true, false, false, false })
            first.Update(overflow);
        GradientScaler second = new(options) { State = first.State };

        foreach (bool overflow in new[] { false, false, true })
        {
            first.Update(overflow);
            second.Update(overflow);
            second.State.Should().Be(first.State);
        }
        second.SkippedSteps.Should().Be(2);
    }

    [Fact]
    public void ScaleLoss_OfALoss_IsUndoneByTheInverse()
    {
        using Tensor loss = tensor(0.6931f);
        GradientScaler scaler = new(new GradientScalerOptions());
        using Tensor scaled = scaler.ScaleLoss(loss);

        scaled.item<float>().Should().Be(0.6931f * 65536);
        (scaled.item<float>() * scaler.InverseScale).Should().Be(0.6931f);
    }

    [Fact]
    public void Construct_ImpossibleOptions_ListsEveryFault() =>
        FluentActions.Invoking(() => new GradientScaler(
            new GradientScalerOptions { InitialScale = 1e39, GrowthFactor = 1, BackoffFactor = 0, GrowthInterval = 0 }))
            .Should().Throw<ArgumentException>().WithMessage("GradientScaler: InitialScale*GrowthFactor is 1*BackoffFactor is 0*GrowthInterval is 0*");

    [Fact]
    public void State_Impossible_IsRefused() =>
        FluentActions.Invoking(() => new GradientScaler(new GradientScalerOptions()) { State = new GradientScalerState(0, -1, 0) })
            .Should().Throw<ArgumentException>().WithMessage("*Scale is 0*GrowthTracker is -1*");
}
