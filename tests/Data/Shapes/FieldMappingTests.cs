using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

public class FieldMappingTests
{
    private static readonly PreferenceFileOptions s_mapped = new() { Prompt = "q", Chosen = "good", Rejected = "bad" };

    [Theory]
    [InlineData("""{"q": "Sky?", "good": "Blue.", "bad": "Green.", "note": "Some words."}""")]
    [InlineData(
        """{"q": [{"role": "user", "content": "Sky?"}], "good": [{"role": "assistant", "content": "Blue."}], "bad": """ +
        """[{"role": "assistant", "content": "Green."}]}""")]
    [InlineData("""{"q": "[{'from': 'human', 'value': 'Sky?'}]", "good": "Blue.", "bad": "Green."}""")]
    [InlineData(
        """{"q": "Sky?", "good": [{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue."}], "bad": """ +
        """[{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Green."}]}""")]
    public void Read_MappedFields_AreTheRow(string line) =>
        Said(s_mapped, line).Should().Equal(("user: Sky? | assistant: Blue.", "user: Sky? | assistant: Green."));

    [Fact]
    public void Read_EveryMapping_IsUsed()
    {
        PreferenceFileOptions options = new() { Prompt = "q", Chosen = "good", Rejected = "bad", System = "role", History = "before", Tools = "can" };
        JsonlDataView view = Pairs(
            options, """{"q": "Sky?", "good": "Blue.", "bad": "Green.", "role": "Brief.", "before": [["Hi", "Hello"]], "can": [{"name": "f"}]}""");
        Texts(view, "Chosen").Should().Equal("""[{"role":"system","content":"Brief.","tools":[{"name":"f"}]},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Sky?"},{"role":"assistant","content":"Blue."}]""");
    }

    [Fact]
    public void Read_OnlyThePromptMapped_KeepsTheKnownAnswers() =>
        Said(new PreferenceFileOptions { Prompt = "q" }, """{"q": "Sky?", "chosen": "The sky is blue.", "rejected": "The sky is green."}""")
            .Should().Equal(("user: Sky? | assistant: The sky is blue.", "user: Sky? | assistant: The sky is green."));

    [Theory]
    [InlineData("""{"prompt": "Sky?", "good": "Blue.", "bad": "Green."}""",
        "'q' is missing; the option Prompt names it, and the row has 'prompt', 'good', 'bad'.")]
    [InlineData("""{"q": "Sky?", "chosen": "Blue.", "bad": "Green."}""",
        "'good' is missing; the option Chosen names it, and the row has 'q', 'chosen', 'bad'.")]
    [InlineData("""{"q": "Sky?", "good": "Blue."}""", "'bad' is missing; the option Rejected names it, and the row has 'q', 'good'.")]
    [InlineData("""{"q": "Sky?", "good": "Blue.", "bad": ""}""", "'bad' is empty; the answer needs text or 'tool_calls'.")]
    [InlineData("""{"q": null, "good": "So blue.", "bad": "So green."}""", "'q' is empty; give the text that the answers answer.")]
    [InlineData("""{"q": "Sky?", "good": "Blue.", "bad": "Blue."}""", "'good' and 'bad' are the same; a pair needs two different answers.")]
    [InlineData("""{"q": "Sky?", "good": "Blue.", "bad": [{"role": "assistant", "content": "Green."}]}""",
        "'good' is a string and 'bad' is a message list; both must be of the same kind.")]
    [InlineData("""{"q": "Sky?", "good": "Blue.", "bad": "Green.", "context": "It is day."}""",
        "the row has 'context', which may be part of the conversation and would be left out.")]
    [InlineData("""{"q": "Sky?", "good": [{"role": "robot", "content": "Blue."}], "bad": [{"role": "assistant", "content": "Green."}]}""",
        "'good[0].role' is 'robot';")]
    public void Read_RowThatDoesNotFitTheMapping_IsRefusedByItsOwnNames(string line, string message) =>
        Fault(Pairs(s_mapped, line)).Message.Should().StartWith($"dpo.jsonl:1: {message}");

    [Fact]
    public void Read_MappedSystemAbsent_NamesTheRowsFields() =>
        Fault(Pairs(new PreferenceFileOptions { System = "role" }, """{"prompt": "q", "chosen": "a", "rejected": "b"}""")).Message.Should()
            .StartWith("dpo.jsonl:1: 'role' is missing; the option System names it, and the row has 'prompt', 'chosen', 'rejected'.");

    [Fact]
    public void Validate_ContradictoryMapping_SaysAllFaults()
    {
        Action validate = new PreferenceFileOptions
        {
            Prompt = "q", Chosen = "q", Rejected = " ", System = "s", IgnoredFields = ["s"],
            Rankings = (RankingPairs)7, MaxLeadingBadRows = 0
        }.Validate;
        validate.Should().Throw<ArgumentException>().WithMessage(
            "*MaxLeadingBadRows is 0*Rejected is empty*Prompt and Chosen name the same field 'q'*System names the field 's', and IgnoredFields leaves it " +
            "out*Rankings is 7*");
        Action conversations = new ConversationFileOptions { Messages = "m", Prompt = "p" }.Validate;
        conversations.Should().Throw<ArgumentException>().WithMessage("*Messages names whole conversations, so Prompt and Completion cannot act*");
    }
}
