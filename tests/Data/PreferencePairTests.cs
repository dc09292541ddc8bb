using Microsoft.Extensions.AI;
using Microsoft.ML;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class PreferencePairTests
{
    [Theory]
    [InlineData("q", "a", "b")]
    [InlineData("\"q\"\n\\ é 天 <b>&'", " a\t", "b/")]
    public void FromPrompt_Texts_EqualTheRowOfAFile(string prompt, string chosen, string rejected)
    {
        string line = $$"""{"prompt": {{Quote(prompt)}}, "chosen": {{Quote(chosen)}}, "rejected": {{Quote(rejected)}}}""";
        PreferencePair pair = PreferencePair.FromPrompt(prompt, chosen, rejected);
        (pair.Chosen, pair.Rejected).Should().Be(Pair(line));
    }

    [Fact]
    public void FromPrompt_Messages_KeepTheirRoles()
    {
        PreferencePair pair = PreferencePair.FromPrompt(
            [new(ChatRole.System, "s"), new(ChatRole.User, "q"), new(ChatRole.Assistant, "a"), new(ChatRole.User, "r")], "😀", "y");
        System.Text.Json.JsonDocument.Parse(pair.Chosen).RootElement.EnumerateArray()
            .Select(message => $"{message.GetProperty("role")}:{message.GetProperty("content")}")
            .Should().Equal("system:s", "user:q", "assistant:a", "user:r", "assistant:😀");
        pair.Rejected.Should().EndWith("""{"role":"assistant","content":"y"}]""");
    }

    [Fact]
    public void FromPrompt_WrongArguments_AreRefused()
    {
        FluentActions.Invoking(() => PreferencePair.FromPrompt(" ", "a", "b")).Should().Throw<ArgumentException>().WithParameterName("prompt");
        FluentActions.Invoking(() => PreferencePair.FromPrompt("q", "", "b")).Should().Throw<ArgumentException>().WithParameterName("chosen");
        FluentActions.Invoking(() => PreferencePair.FromPrompt("q", "a", "a")).Should().Throw<ArgumentException>().WithMessage("*are the same, 'a'*");
        FluentActions.Invoking(() => PreferencePair.FromPrompt(Array.Empty<ChatMessage>(), "a", "b")).Should().Throw<ArgumentException>()
            .WithMessage("*no messages*");
        FluentActions.Invoking(() => PreferencePair.FromPrompt([new(new ChatRole("bot"), "q")], "a", "b")).Should().Throw<ArgumentException>()
            .WithMessage("*role 'bot'*system, developer, user*");
        FluentActions.Invoking(() => PreferencePair.FromPrompt([new(ChatRole.User, [new DataContent("data:image/png;base64,AA==")])], "a", "b")).Should()
            .Throw<ArgumentException>().WithMessage("*DataContent*only text*");
    }

    [Fact]
    public void LoadFromEnumerable_Pairs_GiveTheLoadersColumns()
    {
        IDataView view = new MLContext().Data.LoadFromEnumerable([PreferencePair.FromPrompt("q", "a", "b")]);
        view.Schema.Select(column => (column.Name, column.Type)).Should().Equal(Pairs("").Schema.Take(2).Select(column => (column.Name, column.Type)));
        Texts(view, "Chosen").Should().ContainSingle().Which.Should().StartWith("[{\"role\":\"user\"");
    }

    [Fact]
    public void PredictionEngine_Pair_IsTheInputOfAModelTrainedOnAFile()
    {
        MLContext context = new();
        IDataView view = Pairs("""{"prompt": "q", "chosen": "a", "rejected": "b"}""");
        using PredictionEngine<PreferencePair, Copy> engine = context.Model.CreatePredictionEngine<PreferencePair,
            Copy>(context.Transforms.CopyColumns("Copied", "Chosen").Fit(view));
        PreferencePair pair = PreferencePair.FromPrompt("q", "a", "b");
        engine.Predict(pair).Copied.Should().Be(pair.Chosen);
    }

    private sealed class Copy
    {
        public string Copied { get; set; } = "";
    }

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(
        text, new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
