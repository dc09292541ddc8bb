using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Numbers of rows that say how much a pair counts and how far its answers are apart.</summary>
public class RowNumbersTests
{
    private const string Pair = """ "prompt": "q", "chosen": "a", "rejected": "b" """;

    [Theory]
    [InlineData("0.5", 0.5f)]
    [InlineData("0", 0f)]
    [InlineData("\"2\"", 2f)] // as a table has it
    public void Read_NamedWeight_IsAColumn(string value, float weight) =>
        Column(new PreferenceFileOptions { Weight = "w" }, "Weight", $$"""{"w": {{value}}, {{Pair}}}""").Should().Equal(weight);

    [Fact]
    public void Read_Scores_GiveTheirDifference() =>
        Column(new PreferenceFileOptions
        {
            ChosenScore = "score_chosen",
            RejectedScore = "score_rejected"
        }, "Margin", $$"""{"score_chosen": 8.5, "score_rejected": 7, {{Pair}}}""").Should().Equal(1.5f);

    [Fact]
    public void Read_NamedMargin_IsAColumnAlsoBelowZero() =>
        Column(new PreferenceFileOptions { Margin = "margin", Weight = "weight" }, "Margin", $$"""{"margin": -2, "weight": 3, {{Pair}}}""").Should().Equal(-2f);

    [Fact]
    public void Read_RowsOfARanking_ShareTheirLinesWeight()
    {
        PreferenceFileOptions options = new() { Weight = "w" };
        const string Row = """{"w": 3, "prompt": "q", "answers": [{"answer": "a", "rank": 1}, {"answer": "b", "rank": 2}, {"answer": "c", "rank": 3}]}""";
        Column(options, "Weight", Row).Should().Equal(3f, 3f, 3f);
    }

    [Theory]
    [InlineData("", BadRowReason.MissingField, "'w' is missing, which PreferenceFileOptions.Weight names")]
    [InlineData("\"w\": null,", BadRowReason.MissingField, "'w' is null")]
    [InlineData("\"w\": \"much\",", BadRowReason.WrongType, "'w' is 'much'; PreferenceFileOptions.Weight names it, and it must be a number")]
    [InlineData("\"w\": [1],", BadRowReason.WrongType, "'w' is '[1]'")]
    [InlineData("\"w\": -0.5,", BadRowReason.WrongType, "gives the weight -0.5; it must be 0 or above")]
    [InlineData("\"w\": 1e300,", BadRowReason.WrongType, "gives the weight 1E+300")]
    public void Read_WeightThatIsNone_NamesTheLine(string field, BadRowReason reason, string message)
    {
        PreferenceDataException fault = Fault(Pairs(new PreferenceFileOptions { Weight = "w" }, $$"""{ {{field}} {{Pair}}}"""));
        (fault.Reason, fault.Field).Should().Be((reason, "w"));
        fault.Message.Should().StartWith("dpo.jsonl:1: ").And.Contain(message);
    }

    [Theory]
    [InlineData("weight", "0.5")]
    [InlineData("Weight", "2")]
    [InlineData("sample_weight", "\"0.1\"")]
    [InlineData("SAMPLE_WEIGHT", "3")]
    [InlineData("\\u0077eight", "0.5")]
    public void Read_WeightThatNobodyNamed_IsNotLeftOut(string name, string value)
    {
        string line = $$"""{"{{name}}": {{value}}, {{Pair}}}""";
        PreferenceDataException fault = Fault(Pairs(line));
        fault.Reason.Should().Be(BadRowReason.UnreadField);
        fault.Message.Should().Contain("which may say how much it counts and would be left out").And.Contain("PreferenceFileOptions.Weight");
        string plain = name.Replace("\\u0077", "w", StringComparison.Ordinal);
        Texts(Pairs(new PreferenceFileOptions { IgnoredFields = [plain] }, line), "Chosen").Should().ContainSingle();
        Texts(Pairs(new PreferenceFileOptions { Weight = plain }, line), "Chosen").Should().ContainSingle();
        Texts(Pairs(new PreferenceFileOptions { ExtraColumns = [plain] }, line), plain).Should().Equal(value.Trim('"'));
    }

    [Theory]
    [InlineData("weight", "1")]
    [InlineData("weight", "1.0")]
    [InlineData("weight", "null")]
    [InlineData("body_weight_kg", "70")]
    [InlineData("weightless", "0")]
    public void Read_WeightThatChangesNothing_IsNoFault(string name, string value) =>
        Texts(Pairs($$"""{"{{name}}": {{value}}, {{Pair}}}"""), "Chosen").Should().ContainSingle();

    [Fact]
    public void ReadConversation_WeightThatNobodyNamed_IsNotLeftOut() =>
        Fault(Conversations("""{"weight": 0.5, "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}""")).Message
            .Should().Contain("ConversationFileOptions.Weight to have it count");

    [Theory]
    [InlineData("w", null, null, null, "Weight", "w")]
    [InlineData(null, null, "s", null, "ChosenScore is set without the other side's score", null)]
    [InlineData(null, "m", "s", "t", "Margin and the scores both give the column 'Margin'", null)]
    public void Validate_NumbersThatContradictThemselves_AreRefused(
        string? weight, string? margin, string? chosenScore, string? rejectedScore, string message, string? extra)
    {
        PreferenceFileOptions options = new()
        {
            Weight = weight, Margin = margin, ChosenScore = chosenScore, RejectedScore = rejectedScore, IgnoredFields = extra is null ? [] : [extra],
        };
        options.Invoking(o => o.Validate()).Should().Throw<ArgumentException>().WithMessage($"*{message}*");
    }

    private static List<float> Column(PreferenceFileOptions options, string column, params string[] lines) => [
        .. Pairs(options, lines).GetColumn<float>(column)];
}
