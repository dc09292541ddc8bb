using MiniMind.MLNet.Dpo.Tests.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Forecast;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

public sealed class HeldOutSliceTests
{
    [Fact]
    public void Of_PromptsWithSeveralPairs_NoneIsOnBothSides()
    {
        PreferenceExample[] pairs = Pairs(prompts: 12, each: 5);

        HeldOutSlice slice = HeldOutSlice.Of(pairs, 64, seed: 1);

        Prompts(slice.Kept).Intersect(Prompts(slice.Others)).Should().BeEmpty();
        slice.Kept.Concat(slice.Others).Should().BeEquivalentTo(pairs);
        slice.Kept.Should().HaveCount(15, "a quarter of 60, of prompts with 5 each");
    }

    [Fact]
    public void Of_OtherOrder_KeepsTheSamePrompts()
    {
        PreferenceExample[] pairs = Pairs(prompts: 40, each: 1);

        int[] Kept(IEnumerable<PreferenceExample> given, int seed) => [.. Prompts(HeldOutSlice.Of([.. given], 8, seed).Kept).Order()];

        Kept(pairs.Reverse(), 1).Should().Equal(Kept(pairs, 1)).And.HaveCount(8);
        Kept(pairs, 2).Should().NotEqual(Kept(pairs, 1));
    }

    [Fact]
    public void Of_OnePrompt_Throws()
    {
        Action slicing = () => HeldOutSlice.Of(Pairs(prompts: 1, each: 9), 4, seed: 1);

        slicing.Should().Throw<InvalidDataException>().WithMessage("The 9 pairs have one prompt; *takes two.");
    }

    private static PreferenceExample[] Pairs(int prompts, int each) =>
    [
        .. Enumerable.Range(0, prompts * each).Select(i =>
            new PreferenceExample(FaultyRuns.Answer([5, 100 + i / each, 6], [20 + i % each, 7]), FaultyRuns.Answer([5, 100 + i / each, 6], [40, 7]), i + 1)),
    ];

    private static HashSet<int> Prompts(IEnumerable<PreferenceExample> pairs) => [.. pairs.Select(pair => pair.Chosen.InputIds[1])];
}
