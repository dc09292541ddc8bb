using MiniMind.MLNet.Dpo.Transforms.Diagnosis;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

public sealed class PhraseTallyTests
{
    [Fact]
    public void Frequent_SeveralPhrases_ComeByHowManyPairsHaveThemAndTheLongestFirst()
    {
        PhraseTally tally = new(mostLines: 2);
        tally.Add(Pair(1, "b one", "x"));
        tally.Add(Pair(2, "a one two three", "b two three"));
        tally.Add(Pair(3, "a one two four", "b two three"));

        FormatBias[] found = [.. tally.Frequent(3, 0.5)];

        found.Select(bias => (bias.Feature, bias.ChosenHasMore, bias.RejectedHasMore)).Should().Equal(
            ("begins \"b\"", 1, 2), ("begins \"b two three\"", 0, 2), ("begins \"a one two\"", 2, 0), ("ends \"b two three\"", 0, 2),
            ("begins \"a\"", 2, 0));
        found[0].Lines.Should().Equal([2, 3], "of these pairs it tells the label");
    }

    private static DiagnosedPair Pair(long line, string chosen, string rejected) => new(line, 1, 2, null, "", chosen, rejected);
}
