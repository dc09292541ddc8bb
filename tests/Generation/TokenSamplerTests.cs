using System.Globalization;
using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Which tokens can be drawn, and how often, of logits that are written down.</summary>
public sealed class TokenSamplerTests
{
    private const int Draws = 20_000;
    private const double Deviation = 0.02; // of a share; more than five standard errors of so many draws

    private static readonly GenerationOptions s_plain = new() { Temperature = 1, TopP = 1, TopK = 0, Seed = 5 };

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.85)]
    [InlineData(1)]
    [InlineData(2)]
    public void Next_Temperature_DrawsByTheSoftmaxOfTheDividedLogits(double temperature)
    {
        float[] logits = [2, 1, 0, -1];
        double[] weights = [.. logits.Select(logit => Math.Exp(logit / temperature))];

        double[] shares = Shares(s_plain with { Temperature = temperature }, logits);

        for (int id = 0; id < logits.Length; id++)
            shares[id].Should().BeApproximately(weights[id] / weights.Sum(), Deviation, "that is the probability of token {0}", id);
    }

    [Theory]
    [InlineData("1 5 3", 1)]
    [InlineData("-7 -2 -3", 1)]
    [InlineData("4 4 4", 0)] // of equal ones the first
    [InlineData("0 4 4", 1)]
    public void Next_TemperatureZero_TakesTheLikeliestAlways(string logits, int expected) =>
        Drawn(s_plain with { Temperature = 0 }, Numbers(logits)).Should().Equal(expected);

    [Theory]
    [InlineData(1, "1")]
    [InlineData(2, "1 3")]
    [InlineData(3, "1 2 3")]
    [InlineData(4, "0 1 2 3")]
    [InlineData(9, "0 1 2 3")]
    [InlineData(0, "0 1 2 3")]
    public void Next_TopK_DrawsOfTheLikeliestAlone(int topK, string ids) =>
        Drawn(s_plain with { TopK = topK }, [1, 3, 2, 2.5f]).Should().BeEquivalentTo(Ids(ids));

    [Theory]
    [InlineData(1, "0")]
    [InlineData(2, "0 1")]
    [InlineData(3, "0 1 3")]
    public void Next_TopKWithEqualLogitsAtItsBorder_KeepsTheFirst(int topK, string ids) =>
        Drawn(s_plain with { TopK = topK }, [2, 2, 0, 2, 2]).Should().BeEquivalentTo(Ids(ids));

    // four tokens of a quarter each: sums are exact. MiniMind removes what stands behind a sum above top-p, so one that is reached exactly keeps one more
    [Theory]
    [InlineData(0.01, "0")]
    [InlineData(0.24, "0")]
    [InlineData(0.25, "0 1")]
    [InlineData(0.26, "0 1")]
    [InlineData(0.49, "0 1")]
    [InlineData(0.5, "0 1 2")]
    [InlineData(0.51, "0 1 2")]
    [InlineData(0.74, "0 1 2")]
    [InlineData(0.75, "0 1 2 3")]
    [InlineData(1, "0 1 2 3")]
    public void Next_TopP_KeepsTheFewestThatHaveMoreThanIt(double topP, string ids) =>
        Drawn(s_plain with { TopP = topP }, [3, 3, 3, 3]).Should().BeEquivalentTo(Ids(ids));

    [Fact]
    public void Next_TopP_DrawsWhatIsKeptInItsProportions()
    {
        float[] logits = [0, MathF.Log(6), MathF.Log(3)]; // probabilities of 0.1, 0.6 and 0.3

        double[] shares = Shares(s_plain with { TopP = 0.8 }, logits);

        shares[0].Should().Be(0);
        shares[1].Should().BeApproximately(2.0 / 3, Deviation);
        shares[2].Should().BeApproximately(1.0 / 3, Deviation);
    }

    [Theory]
    [InlineData(0.25, "0")] // 16 : 1
    [InlineData(1, "0")] // 2 : 1
    [InlineData(4, "0 1")] // 1.19 : 1
    public void Next_TopP_IsOfTheProbabilitiesAtTheTemperature(double temperature, string ids) =>
        Drawn(s_plain with { Temperature = temperature, TopP = 0.6 }, [MathF.Log(2), 0]).Should().BeEquivalentTo(Ids(ids));

    [Theory]
    [InlineData(2, 0.49, "0")] // a half each of what top-k keeps, where they are a quarter of all
    [InlineData(2, 0.5, "0 1")]
    [InlineData(0, 0.49, "0 1")]
    public void Next_TopKAndTopP_TakesTheShareOfWhatTopKKeeps(int topK, double topP, string ids) =>
        Drawn(s_plain with { TopK = topK, TopP = topP }, [3, 3, 3, 3]).Should().BeEquivalentTo(Ids(ids));

    [Theory]
    [InlineData("4 3 -1", 1, 0)]
    [InlineData("4 3 -1", 2, 1)] // 2 and 3
    [InlineData("4 3 -1", 0.5, 0)]
    [InlineData("-1 -1.5 -9", 2, 1)] // -2 and -1.5: what is below 0 is multiplied
    [InlineData("-3 -2 -9", 0.5, 0)] // -1.5 and -2
    public void Next_RepetitionPenalty_MakesSeenTokensLessLikely(string logits, double penalty, int expected) =>
        new TokenSampler(s_plain with { Temperature = 0, RepetitionPenalty = penalty })
            .Next(Numbers(logits), new HashSet<int> { 0 }, new Dictionary<int, int>()).Should().Be(expected);

    [Fact]
    public void Next_RepetitionPenaltyOfALogitOfZero_LeavesIt()
    {
        float[] logits = [0, -0.1f];

        new TokenSampler(s_plain with { Temperature = 0, RepetitionPenalty = 3 }).Next(logits, new HashSet<int> { 0, 1 }, new Dictionary<int, int>())
            .Should().Be(0);

        logits[0].Should().Be(0);
        logits[1].Should().BeApproximately(-0.3f, 1e-6f);
    }

    [Theory]
    [InlineData(0.5, 0, 1, 8.5f)] // three times a half
    [InlineData(0, 0.5, 0, 9.5f)] // once, however often
    [InlineData(0.25, 0.25, 0, 9f)]
    [InlineData(-0.5, 0, 0, 11.5f)]
    public void Next_PenaltiesOfTheAnswersTokens_AreTakenFromTheirLogits(double frequency, double presence, int expected, float logit)
    {
        float[] logits = [10, 8.75f, 1];

        int next = new TokenSampler(s_plain with { Temperature = 0, FrequencyPenalty = frequency, PresencePenalty = presence })
            .Next(logits, new HashSet<int> { 0, 1, 2 }, new Dictionary<int, int> { [0] = 3 });

        next.Should().Be(expected);
        logits.Should().Equal(logit, 8.75f, 1);
    }

    [Fact]
    public void Next_PenaltiesThenTemperatureThenRepetition_InThisOrder()
    {
        float[] logits = [6, 1];

        new TokenSampler(s_plain with { Temperature = 0.5, PresencePenalty = 2, RepetitionPenalty = 4 })
            .Next(logits, new HashSet<int> { 0 }, new Dictionary<int, int> { [0] = 1 });

        logits.Should().Equal((6 - 2) / 0.5f / 4, 1 / 0.5f);
    }

    [Fact]
    public void Next_PenaltyThatMakesALogitInfinite_TakesThatToken()
    {
        float[] logits = [2e30f, 3, 1];

        int next = new TokenSampler(s_plain with { RepetitionPenalty = 1e-10 }).Next(logits, new HashSet<int> { 0 }, new Dictionary<int, int>());

        next.Should().Be(0);
    }

    [Fact]
    public void Next_Seeds_RepeatTheirDraws()
    {
        float[] logits = [1, 1, 1, 1, 1, 1, 1, 1];
        int[] Draw(int? seed)
        {
            TokenSampler sampler = new(s_plain with { Seed = seed });
            return [.. Enumerable.Range(0, 40).Select(_ => sampler.Next([.. logits], new HashSet<int>(), new Dictionary<int, int>()))];
        }

        int[] first = Draw(0);

        Draw(0).Should().Equal(first);
        Draw(1).Should().NotEqual(first);
        Draw(null).Should().NotEqual(first).And.NotEqual(Draw(null), "without a seed each answer is another one");
    }

    private static double[] Shares(GenerationOptions options, float[] logits)
    {
        TokenSampler sampler = new(options);
        int[] counts = new int[logits.Length];
        for (int i = 0; i < Draws; i++)
            counts[sampler.Next([.. logits], new HashSet<int>(), new Dictionary<int, int>())]++;
        return [.. counts.Select(count => (double)count / Draws)];
    }

    /// <summary>Every token that is drawn at all.</summary>
    private static IEnumerable<int> Drawn(GenerationOptions options, float[] logits)
    {
        TokenSampler sampler = new(options);
        return Enumerable.Range(0, 400).Select(_ => sampler.Next([.. logits], new HashSet<int>(), new Dictionary<int, int>())).ToHashSet();
    }

    private static float[] Numbers(string text) => [.. text.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

    private static int[] Ids(string text) => [.. text.Split(' ').Select(int.Parse)];
}
