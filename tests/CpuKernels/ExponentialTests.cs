using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class ExponentialTests
{
    [Theory]
    [InlineData(-60, -20)]
    [InlineData(-8, 0)]
    [InlineData(-0.7, -0.5)]
    [InlineData(-0.2, -0.1)]
    [InlineData(-1e-3, 0)]
    public void OfNats_AnyRange_ErrsByAnUlpAndToNoSide(double low, double high)
    {
        Random random = new(5);
        float[] nats = [.. Enumerable.Range(0, 1 << 16).Select(_ => (float)(low + random.NextDouble() * (high - low)))];
        double sum = 0, exact = 0, worst = 0;

        for (int i = 0; i < nats.Length; i += Vector512<float>.Count)
        {
            Vector512<float> powers = Exponential.OfNats(Vector512.Create(nats, i));
            for (int lane = 0; lane < Vector512<float>.Count; lane++)
            {
                double expected = Math.Exp(nats[i + lane]);
                (sum, exact, worst) = (sum + powers[lane], exact + expected, Math.Max(worst, Math.Abs(powers[lane] / expected - 1)));
            }
        }

        worst.Should().BeLessThan(1.2e-7, "an ulp is between 6e-8 and 1.2e-7 of a number");
        Math.Abs(sum / exact - 1).Should().BeLessThan(1e-8, "what has one sign adds up: 1e-8 to 4e-5 nats over 4,096 tokens");
    }

    [Fact]
    public void OfNats_EdgesOfItsRange_AreExact()
    {
        Vector512<float> powers = Exponential.OfNats(Vector512.Create(
            [0, -0f, -70, float.MinValue, float.NegativeInfinity, float.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));

        (powers[0], powers[1], powers[2], powers[3], powers[4]).Should().Be((1, 1, 0, 0, 0));
        powers[5].Should().Be(float.NaN);
    }
}
