using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

public sealed class LikeliestTokensTests
{
    private readonly LikeliestTokens _likeliest = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    [InlineData(511)]
    [InlineData(513)]
    [InlineData(2999)]
    [InlineData(3000)]
    [InlineData(9999)]
    public void Of_AnyCount_IsWhatSortingGives(int count)
    {
        foreach (Func<Random, float> number in (Func<Random, float>[])
            [random => (float)(random.NextDouble() * 20 - 10), random => random.Next(5) - 2, random => -random.NextSingle(), random => 3])
        {
            Random random = new(count);
            float[] logits = [.. Enumerable.Range(0, 3000).Select(_ => number(random))];

            Ids(logits, count).Should().Equal(Sorted(logits, count));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_AscendingOrDescending_IsWhatSortingGives(bool ascending)
    {
        float[] logits = [.. Enumerable.Range(0, 3001).Select(i => ascending ? i : -i / 7f)];

        Ids(logits, 50).Should().Equal(Sorted(logits, 50));
    }

    [Fact]
    public void Of_ZerosOfBothSignsAndInfinities_AreInTheirPlaces()
    {
        float[] logits = [-0f, 0, float.NegativeInfinity, float.PositiveInfinity, -0f, float.MaxValue, float.Epsilon, -float.Epsilon];

        Ids(logits, 8).Should().Equal(3, 5, 6, 0, 1, 4, 7, 2);
        Ids(logits, 4).Should().Equal(3, 5, 6, 0);
        Ids([.. Enumerable.Repeat(float.NegativeInfinity, 100)], 3).Should().Equal(0, 1, 2);
    }

    [Fact]
    public void Of_OneCallAfterTheOther_DoesNotRememberTheLast()
    {
        float[] logits = [.. Enumerable.Range(0, 3000).Select(i => (float)Math.Sin(i))];

        Ids(logits, 2000);
        Ids(logits, 7).Should().Equal(Sorted(logits, 7));
        Ids([1, 2, 3], 9).Should().Equal(2, 1, 0);
    }

    private static int[] Sorted(float[] logits, int count) =>
        [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id).Take(count)];

    private int[] Ids(float[] logits, int count) => _likeliest.Of(logits, count).ToArray();
}
