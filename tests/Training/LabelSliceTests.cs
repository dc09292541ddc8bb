using MiniMind.MLNet.Dpo.Training.Heads;


namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>Labels are cut at the ends of their groups, unless one group is too large.</summary>
public sealed class LabelSliceTests
{
    [Fact]
    public void Of_GroupsThatFit_GoTogetherUpToTheMost() =>
        LabelSlice.Of([3, 4, 2, 5], 7).Should().Equal(new LabelSlice(0, 7, -1), new LabelSlice(7, 7, -1));

    [Fact]
    public void Of_GroupLargerThanASlice_IsCutIntoEvenParts() =>
        LabelSlice.Of([3, 10, 2], 4).Should().Equal(
            new LabelSlice(0, 3, -1), new LabelSlice(3, 4, 1), new LabelSlice(7, 3, 1), new LabelSlice(10, 3, 1), new LabelSlice(13, 2, -1));

    [Fact]
    public void Of_EmptyGroups_GiveNoSlices() => LabelSlice.Of([0, 0], 4).Should().BeEmpty();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Of_AnyGroups_CoversEveryLabelOnceInOrder(long most)
    {
        Random random = new(3);
        long[] groups = [.. Enumerable.Range(0, 50).Select(_ => (long)random.Next(0, 12))];

        LabelSlice[] slices = [.. LabelSlice.Of(groups, most)];

        slices.Should().OnlyContain(slice => slice.Count > 0 && slice.Count <= most);
        slices.Select(slice => slice.Start).Should().Equal(slices.Select((_, i) => slices.Take(i).Sum(slice => slice.Count)));
        slices.Sum(slice => slice.Count).Should().Be(groups.Sum());
    }
}
