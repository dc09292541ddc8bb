using MiniMind.MLNet.Dpo.Training.Batches;


namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class PreferenceExampleTests
{
    // ids and, one place later, whether they count as an answer's
    [Theory]
    [InlineData("1 2 7 8 3 4 9 9", "........", "1 2 7 8 3 4 5 5", "........", false, "nothing counts")]
    [InlineData("1 2 7 8 3 4 9 9", "......##", "1 2 7 8 3 4 5 5", "......##", false, "one answer, which differs")]
    [InlineData("1 2 7 8 3 4 9 9", "..##..##", "1 2 7 8 3 4 5 5", "..##..##", true, "7 8 is an answer that both have")]
    [InlineData("1 2 7 8 3 4 9 9", "....####", "1 2 7 8 3 4 5 5", "....####", false, "the answers begin alike, which is no earlier answer")]
    [InlineData("1 2 7 8 3 4 9 9", "..##..##", "1 2 7 6 3 4 5 5", "..##..##", false, "the earlier answers differ")]
    [InlineData("1 2 7 8 3 4 9 9", "..##..##", "1 2 7 8 3 4 5 5", "......##", true, "one side counts it")]
    [InlineData("1 2 7 8 3 4 9 9", "..##..##", "1 2 7 8 5 4 5 5", "..##..##", false,
        "the sides part where the answer ends, and nothing shows that it is whole")]
    [InlineData("1 2 7 8 3 4 9 9", "..##..##", "6 2 7 8 3 4 5 5", "..##..##", false, "the sides part at once")]
    [InlineData("1 2 3 4 9 9", ".#..##", "1 2 3 4 5 5", ".#..##", true, "the earlier answer is the first label of all")]
    [InlineData("1 2 7 8", "..##", "1 2 7 8 3 4 5 5", "..##..##", false, "one side ends with what is the other's earlier answer")]
    public void SharesEarlierAnswer_Pair_IsWhetherAnAnswerEndsBeforeTheSidesPart(
        string chosen, string chosenCounts, string rejected, string rejectedCounts, bool expected, string because) =>
        new PreferenceExample(Side(chosen, chosenCounts), Side(rejected, rejectedCounts), 1).SharesEarlierAnswer.Should().Be(expected, because);

    [Theory]
    [InlineData("1 2 3 9", "...#", "1 2 3 5", "...#", 2)] // the input before the answers is read by each side
    [InlineData("1 2 3 9", "..##", "1 2 3 5", "..##", 2)]
    [InlineData("1 2 3 9 8", "...#.", "1 2 3 5 6", "....#", 2)]
    [InlineData("1 2 3 9", "...#", "1 4 3 9", "...#", 1)]
    [InlineData("1 9", ".#", "1 5", ".#", 0)]
    [InlineData("6 2 3 9", "...#", "1 2 3 9", "...#", 0)]
    [InlineData("1 2 9", "..#", "1 2 5", "..#", 1)]
    public void SharedPrefix_Pair_IsWhatBothReadBeforeTheirLastInput(
        string chosen, string chosenCounts, string rejected, string rejectedCounts, int expected) =>
        new PreferenceExample(Side(chosen, chosenCounts), Side(rejected, rejectedCounts), 1).SharedPrefix.Should().Be(expected);

    private static Response Side(string ids, string counts)
    {
        int[] all = [.. ids.Split(' ').Select(int.Parse)];
        return new Response(all[..^1], all[1..], [.. counts[1..].Select(mark => (byte)(mark == '#' ? 1 : 0))]);
    }
}
