using MiniMind.MLNet.Dpo.Training.Optimization;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

public class LearningRateScheduleTests
{
    [Fact]
    public void At_MiniMindCosine_GivesTheReferenceTrainersRates()
    {
        // the learning rates that MiniMind's own get_lr gave in the ten-step runs of goldens/dpo-step (lr 1e-3, step from 1)
        double[] expected =
        [
            0.0009779754323328191, 0.0009140576474687263, 0.000814503363531613, 0.0006890576474687264, 0.00055,
            0.0004109423525312738, 0.0002854966364683872, 0.00018594235253127373, 0.00012202456766718093, 0.0001,
        ];
        MiniMindCosineSchedule schedule = new();

        for (int step = 1; step <= 10; step++)
            schedule.At(step, 10, 1e-3).Should().BeApproximately(expected[step - 1], 1e-18, "it is the same formula in the same precision");
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(0, 7, 0.1)]
    [InlineData(3, 20, 0)]
    [InlineData(5, 20, 0.25)]
    [InlineData(19, 20, 0)]
    public void At_WarmupSchedules_GiveTransformersRates(int warmup, int total, double floor)
    {
        const double Peak = 4e-8;
        for (int step = 1; step <= total; step++)
        {
            // transformers: current_step counts from 0
            int current = step - 1;
            double rise = (double)current / Math.Max(1, warmup);
            double cosine = 0.5 * (1.0 + Math.Cos(Math.PI * 0.5 * 2.0 * ((current - warmup) / (double)Math.Max(1, total - warmup))));
            double line = Math.Max(0.0, (total - current) / (double)Math.Max(1, total - warmup));

            new CosineSchedule { WarmupSteps = warmup, Floor = floor }.At(step, total, Peak)
                .Should().BeApproximately(Peak * (current < warmup ? rise : cosine * (1 - floor) + floor), 1e-22);
            new LinearSchedule { WarmupSteps = warmup, Floor = floor }.At(step, total, Peak)
                .Should().BeApproximately(current < warmup ? Peak * rise : (Peak - Peak * floor) * line + Peak * floor, 1e-22);
            new ConstantSchedule { WarmupSteps = warmup }.At(step, total, Peak)
                .Should().BeApproximately(Peak * (current < warmup ? rise : 1), 1e-22);
        }
    }

    [Fact]
    public void At_FirstStepAfterWarmup_IsThePeak()
    {
        new CosineSchedule { WarmupSteps = 10, Floor = 0.1 }.At(11, 100, 3e-4).Should().Be(3e-4);
        new LinearSchedule { WarmupSteps = 10 }.At(11, 100, 3e-4).Should().Be(3e-4);
        new ConstantSchedule { WarmupSteps = 10 }.At(11, 100, 3e-4).Should().Be(3e-4);
    }

    [Fact]
    public void Validate_ImpossibleOptions_ListsEveryFault()
    {
        FluentActions.Invoking(() => new CosineSchedule { WarmupSteps = 50, Floor = 1 }.Validate(50))
            .Should().Throw<ArgumentException>().WithMessage("Schedule 'cosine': WarmupSteps is 50;*below the run's 50 steps; Floor is 1;*");
        FluentActions.Invoking(() => new LinearSchedule { WarmupSteps = -1 }.At(1, 10, 1))
            .Should().Throw<ArgumentException>().WithMessage("*WarmupSteps is -1*");
        FluentActions.Invoking(() => new MiniMindCosineSchedule().Validate(0))
            .Should().Throw<ArgumentException>().WithMessage("*the run has 0 steps*");
    }

    [Theory]
    [InlineData(0, 1e-3)]
    [InlineData(11, 1e-3)]
    [InlineData(1, -1e-3)]
    [InlineData(1, double.NaN)]
    public void At_OutsideTheRun_Throws(long step, double peak) =>
        FluentActions.Invoking(() => new ConstantSchedule().At(step, 10, peak)).Should().Throw<ArgumentOutOfRangeException>();
}
