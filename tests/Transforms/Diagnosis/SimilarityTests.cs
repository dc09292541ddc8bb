using MiniMind.MLNet.Dpo.Transforms.Diagnosis;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

public sealed class SimilarityTests
{
    [Theory]
    [InlineData("a b c d", "a b c d", 1)]
    [InlineData("a b c d", "A, b\n(c) d!", 1)]
    [InlineData("a b c d", "a b c e", 1.0 / 3)]
    [InlineData("a b c", "d e f", 0)]
    [InlineData("", "", 1)]
    [InlineData("", "a", 0)]
    [InlineData("yes", "yes", 1)]
    [InlineData("yes", "no", 0)]
    [InlineData("yes sir", "sir yes", 0)]
    [InlineData("天空是蓝的", "天空是蓝的。", 1)]
    [InlineData("天空是蓝的", "天空是绿的", 1.0 / 5)]
    [InlineData("2 + 3 = 5", "2 - 3 = 5", 1.0 / 4)] // the minus is a hyphen to us
    [InlineData("a a a a a", "a a a", 1)] // a set, not a bag
    public void Similarity_OfTexts_IsTheShareOfRunsOfThreeWords(string one, string other, double expected) =>
        Shingles.Similarity(Shingles.Of(one), Shingles.Of(other)).Should().BeApproximately(expected, 1e-12);

    [Fact]
    public void Bands_OfSimilarSets_AreSharedAsOftenAsTheFormulaSays()
    {
        MinHash hash = new(seed: 3);
        Random random = new(5);
        foreach (double similarity in new[] { 0.3, 0.6, 0.8, 0.95 })
        {
            const int Trials = 600, Size = 200;
            int shared = (int)Math.Round(2 * Size * similarity / (1 + similarity)), found = 0;
            for (int trial = 0; trial < Trials; trial++)
            {
                uint[] common = Draw(random, shared), one = [.. common, .. Draw(random, Size - shared)], other = [.. common, .. Draw(random, Size - shared)];
                if (hash.Bands(one).Intersect(hash.Bands(other)).Any())
                    found++;
            }
            double expected = 1 - Math.Pow(1 - Math.Pow(similarity, 6), 21);
            ((double)found / Trials).Should().BeApproximately(expected, 5 * Math.Sqrt(expected * (1 - expected) / Trials) + 0.03, $"that is the formula "
                + $"at {similarity}");
        }
    }

    [Fact]
    public void Bands_OfFewShingles_AreThoseOfTheSet()
    {
        MinHash hash = new(seed: 3);
        hash.Bands([7, 8]).Should().Equal(hash.Bands([8, 7, 7]));
        hash.Bands([7]).Should().NotIntersectWith(hash.Bands([8]));
        hash.Bands([]).Should().BeEmpty();
    }

    [Fact]
    public void Candidates_OfAnIndex_HoldWhatIsSimilarAndLittleElse()
    {
        const int Texts = 3000;
        MadeUpPairs made = new();
        List<string> texts = [.. Enumerable.Range(0, Texts).Select(_ => made.Words(40, 80))];
        for (int i = 0; i < Texts; i += 10)
            texts.Add(texts[i] + " " + made.Word());
        SimilarityIndex index = new();
        MinHash hash = new(seed: 1);
        List<(int, int)> candidates = [];
        for (int i = 0; i < texts.Count; i++)
        {
            ulong[] bands = hash.Bands(Shingles.Of(texts[i]));
            candidates.AddRange(index.Candidates(bands).Select(earlier => (i, earlier)));
            index.Add(i, bands);
        }

        candidates.Count(pair => pair.Item1 >= Texts && pair.Item2 == (pair.Item1 - Texts) * 10).Should()
            .BeGreaterThanOrEqualTo(297, "at a similarity above 0.95 not one in a hundred is missed");
        candidates.Count.Should().BeLessThan(330, "comparing all with all would be four million");
    }

    private static uint[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (uint)random.NextInt64(1L << 32))];
}
