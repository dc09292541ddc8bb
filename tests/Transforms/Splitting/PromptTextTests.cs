using System.Text.Json;
using MiniMind.MLNet.Dpo.Transforms.Splitting;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Splitting;

public sealed class PromptTextTests
{
    private const string Question = """{"role":"user","content":"What is 2 + 2?"}""";

    [Theory]
    [InlineData("""{"role": "user", "content": "What is 2 + 2?"}""")]
    [InlineData("""{"content":"What is 2 + 2?","role":"user"}""")]
    [InlineData("""{"role":"user","content":"\u0057hat is 2 \u002b 2?"}""")]
    [InlineData("""{"role":"user","content":"  What is\t2 + 2?\n"}""")]
    [InlineData("""{"role":"user","content":"What is 2 + 2?","id":17,"timestamp":"today"}""")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"What is "},{"type":"text","text":"2 + 2?"}]}""")]
    [InlineData("""{"role":"user","content":"What is 2 + 2?","tool_calls":[]}""")]
    [InlineData("""{"role":"user","content":"What is 2 + 2?","tool_calls":null}""")]
    public void Of_OneQuestionWrittenInManyWays_IsOnePrompt(string written) => Prompt([written], "4", "5").Should().Be(Prompt([Question], "four", "five"));

    [Theory]
    [InlineData("""{"role":"user","content":"What is 2 + 3?"}""")]
    [InlineData("""{"role":"user","content":"what is 2 + 2?"}""")]
    [InlineData("""{"role":"user","content":""}""")]
    [InlineData("""{"role":"tool","content":"What is 2 + 2?"}""")]
    [InlineData("""{"role":"user","content":"What is 2 + 2?","tool_calls":[{"name":"add"}]}""")]
    public void Of_AnotherQuestion_IsAnotherPrompt(string other) => Prompt([other], "4", "5").Should().NotBe(Prompt([Question], "4", "5"));

    [Fact]
    public void Of_AccentsComposedOrNot_AreOnePrompt() =>
        Prompt(["""{"role":"user","content":"caf\u00e9"}"""], "a", "b").Should().Be(Prompt(["""{"role":"user","content":"cafe\u0301"}"""], "a", "b"));

    [Fact]
    public void Of_SystemMessageOrEarlierTurn_IsPartOfThePrompt()
    {
        string system = """{"role":"system","content":"Be short."}""", first = """{"role":"user","content":"Hello"}""",
            answer = """{"role":"assistant","content":"Hi"}""";

        new[] { Prompt([Question], "4", "5"), Prompt([system, Question], "4", "5"), Prompt([first, answer, Question], "4", "5") }.Should()
            .OnlyHaveUniqueItems();
    }

    [Fact]
    public void Of_SidesThatPartEarly_EndsWhereTheyPart()
    {
        string chosen = $$"""[{{Question}},{"role":"assistant","content":"4"},{"role":"user","content":"Sure?"},{"role":"assistant","content":"Yes"}]""";
        string rejected = $$"""[{{Question}},{"role":"assistant","content":"5"},{"role":"user","content":"Sure?"},{"role":"assistant","content":"Yes"}]""";

        PromptText.Of(chosen, rejected).Should().Be(Prompt([Question], "4", "5"));
    }

    [Fact]
    public void Of_CallsThatDiffer_PartTheSidesThere()
    {
        string Side(string city) => $$"""[{{Question}},{"role":"assistant","content":null,"tool_calls":[{"city":"{{city}}"}]},{"role":"tool","content":"sunny"},{"role":"assistant","content":"Sun"}]""";

        PromptText.Of(Side("Rome"), Side("Oslo")).Should().Be(Prompt([Question], "4", "5"));
        string text = JsonSerializer.Serialize("""[ { "city": "Rome" } ]""");
        string written = $$"""[{{Question}},{"role":"assistant","content":"","tool_calls":{{text}}},{"role":"tool","content":"sunny"},{"role":"assistant","content":"Rain"}]""";
        PromptText.Of(Side("Rome"), written).Should().Contain("tool").And.NotContain("Rain", "a list of calls may stand in a string");
    }

    [Fact]
    public void Of_SidesThatAreOne_LeavesTheAnswerOut() => Prompt([Question], "4", "4").Should().Be(Prompt([Question], "4", "5"));

    [Fact]
    public void Of_OneSideGoesOn_LeavesTheShorterSidesAnswerOut()
    {
        string shorter = $$"""[{{Question}},{"role":"assistant","content":"4"}]""";

        string longer = shorter[..^1] + """,{"role":"user","content":"So?"},{"role":"assistant","content":"Yes"}]""";

        PromptText.Of(shorter, longer).Should().Be(Prompt([Question], "4", "5"));
    }

    [Fact]
    public void Of_HalfASurrogatePair_IsTakenAsItIsWritten() =>
        Prompt(["""{"role":"user","content":"\ud800"}"""], "a", "b").Should().NotBe(Prompt(["""{"role":"user","content":"\ud801"}"""], "a", "b"));

    [Theory]
    [InlineData("plain text", "the chosen side is no JSON message list, but 'plain text'")]
    [InlineData("", "the chosen side is no JSON message list, but empty")]
    [InlineData("{}", "the chosen side is no list of messages, but {}")]
    [InlineData("[]", "the chosen side is no list of messages, but []")]
    [InlineData("""[{"role":"user","content":"q"},7]""", "message 2 of the chosen side has no 'role'")]
    [InlineData("""[{"from":"human","value":"q"}]""", "message 1 of the chosen side has no 'role'")]
    [InlineData("""[{"role":"assistant","content":"a"}]""", "the two sides share no message before their answers*")]
    [InlineData("""[{"role":"user","content":"q"},{"role":"user","content":"other"},{"role":"assistant","content":"a"}]""",
        "the two sides part at message 2, which is the user's*")]
    public void Of_NoPromptInCommon_SaysWhy(string chosen, string message)
    {
        string rejected = """[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]""";

        FluentActions.Invoking(() => PromptText.Of(chosen, rejected)).Should().Throw<InvalidDataException>().WithMessage(message);
    }

    private static string Prompt(string[] messages, string chosen, string rejected)
    {
        string Side(string answer) => $"[{string.Join(",", messages)},{JsonSerializer.Serialize(new { role = "assistant", content = answer })}]";
        return PromptText.Of(Side(chosen), Side(rejected));
    }
}
