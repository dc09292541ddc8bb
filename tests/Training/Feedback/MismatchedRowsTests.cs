using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

/// <summary>Which prompt gets which answer where KTO measures its baseline.</summary>
public sealed class MismatchedRowsTests
{
    [Fact]
    public void Of_AStep_GivesEachPromptTheAnswerOfTheRowBeforeIt()
    {
        FeedbackExample[] rows = [Row([1, 10], [20, 2]), Row([1, 11, 12], [21, 22, 2]), Row([1, 13], [23, 2]), Row([1, 14], [24, 25, 2])];

        IReadOnlyList<Response> mismatched = MismatchedRows.Of(rows, [2, 0, 3, 1], longest: 100);

        mismatched.Select(Ids).Should().BeEquivalentTo([
            new[] { 1, 13, 21, 22, 2 }, // the first takes the last one's
            [1, 10, 23, 2], [1, 14, 20, 2], [1, 11, 12, 24, 25, 2]], exactly => exactly.WithStrictOrdering());
        mismatched.Select(row => string.Concat(row.LossMask)).Should().Equal("0111", "011", "011", "00111");
    }

    [Fact]
    public void Of_RowsOfTheSamePrompt_PassesThemOver()
    {
        FeedbackExample[] rows = [Row([1, 10], [20, 2]), Row([1, 10], [21, 2]), Row([1, 11], [22, 2])];

        MismatchedRows.Of(rows, [0, 1, 2], longest: 100).Select(row => Ids(row)[^2]).Should().Equal(22, 22, 21);
        MismatchedRows.Of(rows, [0, 1], longest: 100).Select(row => Ids(row)[^2]).Should().Equal([21, 20], "there is no other prompt in the step");
    }

    [Fact]
    public void Of_OneRow_IsNeverMatchedWithItself()
    {
        FeedbackExample[] rows = [Row([1, 10], [20, 2]), Row([1, 11], [21, 2])];

        MismatchedRows.Of(rows, [1], longest: 100).Select(row => Ids(row)).Should().BeEquivalentTo([new[] { 1, 11, 20, 2 }]);
        MismatchedRows.Of(rows[..1], [0], longest: 100).Should().BeEmpty();
    }

    [Fact]
    public void Of_OddSteps_NeverMatchARowWithItself()
    {
        FeedbackExample[] rows = [.. Enumerable.Range(0, 9).Select(i => Row([1, 10 + i], [30 + i, 2]))];
        for (int count = 2; count <= rows.Length; count++)
        {
            IReadOnlyList<Response> mismatched = MismatchedRows.Of(rows, [.. Enumerable.Range(0, count)], longest: 100);
            mismatched.Select(row => Ids(row)[^2] - 20 - Ids(row)[1]).Should().NotContain(0).And.HaveCount(count);
        }
    }

    [Fact]
    public void Join_LongerThanAllowed_CutsTheAnswersEndAndKeepsOneToken()
    {
        Response prompt = Row([1, 10, 11, 12], [20, 2]).Response, answer = Row([1], [21, 22, 23, 2]).Response;

        Ids(MismatchedRows.Join(prompt, answer, longest: 5)).Should().Equal(1, 10, 11, 12, 21, 22);
        Response shortest = MismatchedRows.Join(prompt, answer, longest: 4);
        Ids(shortest).Should().Equal(1, 10, 11, 12, 21);
        shortest.LossTokens.Should().Be(1);
    }

    [Fact]
    public void Join_SeveralTurns_TakesAllFromTheFirstCountedTokenOn()
    {
        // two counted answers with a user's turn between them
        Response answer = new([1, 5, 6, 7, 8], [5, 6, 7, 8, 9], [0, 1, 0, 0, 1]);

        Response joined = MismatchedRows.Join(Row([1, 10], [20, 2]).Response, answer, longest: 100);

        Ids(joined).Should().Equal(1, 10, 6, 7, 8, 9);
        joined.LossMask.Should().Equal(0, 1, 0, 0, 1);
        joined.NeededLength.Should().Be(joined.InputIds.Length);
    }

    private static FeedbackExample Row(int[] prompt, int[] answer) => FeedbackRows.Of(prompt, answer, isGood: true);

    private static int[] Ids(Response response) => [.. response.InputIds, response.Labels[^1]];
}
