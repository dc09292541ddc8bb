using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Validation;

namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

/// <summary>Which prompts are taken out of conversations, and where each ends.</summary>
public sealed class AnswerPromptsTests
{
    [Theory]
    [InlineData("0 0 1 1 0", 3)] // inputs 10 11 12: the answer's first token is what follows 12
    [InlineData("1 1 1 1 1", 1)]
    [InlineData("0 0 0 0 1", 5)]
    [InlineData("1 1 0 1 1", 4)] // the last answer alone
    [InlineData("0 1 0 0 0", 2)] // what stands behind the answer is no prompt
    public void Of_Conversation_EndsBeforeItsLastAnswer(string mask, int length) =>
        AnswerPrompts.Of([Conversation(10, mask)], 1, longest: 9).Should().ContainSingle().Which.Should().Equal(Enumerable.Range(10, length));

    [Theory]
    [InlineData(1, "100")]
    [InlineData(2, "100 300")]
    [InlineData(3, "100 200 300")]
    [InlineData(4, "100 200 300 400")]
    [InlineData(9, "100 200 300 400")]
    [InlineData(0, "")]
    public void Of_Several_AreSpreadEvenly(int count, string firsts)
    {
        Response[] conversations = [.. Enumerable.Range(1, 4).Select(i => Conversation(100 * i, "0 1"))];

        AnswerPrompts.Of(conversations, count, longest: 9).Select(prompt => prompt[0])
            .Should().Equal(firsts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
    }

    [Fact]
    public void Of_PromptsThatAreTooLong_ArePassedOver()
    {
        Response[] conversations = [Conversation(100, "0 0 0 1"), Conversation(200, "0 0 1"), Conversation(300, "0 1")];

        AnswerPrompts.Of(conversations, 3, longest: 3).Select(prompt => prompt[0]).Should().Equal(200, 300);
    }

    private static Response Conversation(int first, string mask)
    {
        byte[] counted = [.. mask.Split(' ').Select(byte.Parse)];
        return new Response([.. Enumerable.Range(first, counted.Length)], [.. Enumerable.Range(first + 1, counted.Length)], counted);
    }
}
