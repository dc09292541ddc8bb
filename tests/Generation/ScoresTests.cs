using System.Numerics.Tensors;
using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

public sealed class ScoresTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(33)]
    [InlineData(1000)]
    public void Both_OfAnyLength_AreWhatLookingAtEachGives(int count)
    {
        Random random = new(count);
        for (int round = 0; round < 50; round++)
        {
            float scale = round % 2 == 0 ? 1 : -1; // all of one sign, too
            float[] scores = [.. Enumerable.Range(0, count).Select(_ => scale * (random.NextSingle() * 4 - (round % 3)))];
            scores[random.Next(count)] = scores[random.Next(count)];

            Scores.IndexOfLargest(scores).Should().Be(Array.IndexOf(scores, scores.Max()));
            Scores.LargestMagnitude(scores).Should().Be(scores.Max(MathF.Abs));
        }
    }

    [Theory]
    [InlineData(float.NaN, 3)]
    [InlineData(float.NaN, 39)]
    [InlineData(float.NegativeInfinity, 20)]
    [InlineData(float.PositiveInfinity, 0)]
    public void LargestMagnitude_OfWhatIsNotFinite_IsNotFinite(float number, int place)
    {
        float[] scores = [.. Enumerable.Range(0, 40).Select(i => i - 20f)];
        scores[place] = number;

        float.IsFinite(Scores.LargestMagnitude(scores)).Should().BeFalse();
    }

    [Fact]
    public void IndexOfLargest_OfZerosOfBothSigns_IsAsBefore()
    {
        float[] scores = [-1, -0f, 0f, -0f, 0f];

        Scores.IndexOfLargest(scores).Should().Be(TensorPrimitives.IndexOfMax(scores)).And.Be(2);
        Scores.IndexOfLargest([.. Enumerable.Repeat(float.NegativeInfinity, 40)]).Should().Be(0);
    }
}
