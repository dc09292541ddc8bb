using System.IO.Compression;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class InspectCommandTests : IDisposable
{
    private const string Row = """{"prompt": "Do you have rye?", "chosen": "Yes, fresh ones.", "rejected": "No."}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Inspect_Pair_MarksWhatIsTrainedOn()
    {
        ToolRun run = Inspect(_folder.Write("pairs.jsonl", Row + "\n"));

        run.Exit.Should().Be(0, run.Errors);
        run.Lines[0].Should().StartWith($"{_folder.File("pairs.jsonl")}:1: the rows are taken for: ");
        run.Lines[1].Should().Be("1 pair");
        run.Lines.Should().ContainInOrder(
            "what is trained on stands between [[ and ]]", "pair 1, line 1", "    <|im_start|>user↵", "    Do you have rye?<|im_end|>↵",
            "    <|im_start|>assistant↵",
            "    [[Yes, fresh ones.<|im_end|>]]↵", "    [[No.<|im_end|>]]↵");
        run.Output.Should().MatchRegex("chosen: [0-9]+ tokens, [0-9]+ trained on\n");
    }

    [Fact]
    public void Inspect_TooLong_SaysWhatIsCut()
    {
        ToolRun run = Inspect(_folder.Write("pairs.jsonl", Row + "\n"), "--preparation.max-length", "16");

        run.Lines[1].Should().Be("1 pair, 1 of them cut at 16 tokens");
        run.Output.Should().MatchRegex("chosen: 16 tokens, [0-9]+ trained on, [0-9]+ cut off\n");
    }

    [Fact]
    public void Inspect_ControlCharacters_AreShown()
    {
        string escape = Row.Replace("fresh ones", "\\u001b[31mred\\u001b[0m \\u0007\\u009b2J\\u202e", StringComparison.Ordinal);

        ToolRun run = Inspect(_folder.Write("pairs.jsonl", escape + "\n"));

        run.Exit.Should().Be(0, run.Errors);
        run.Output.Should().Contain("""Yes, \u001b[31mred\u001b[0m \u0007\u009b2J\u202e.<|im_end|>]]""");
    }

    [Fact]
    public void Inspect_Json_HasPieces()
    {
        ToolRun run = Inspect(_folder.Write("pairs.jsonl", Row + "\n" + Row + "\n"), "--json", "--count", "1");

        JsonObject data = run.EventsOf("data").Single(), pair = run.EventsOf("pair").Single();
        data["pairs"]!.GetValue<int>().Should().Be(2);
        JsonArray pieces = pair["chosen"]!["pieces"]!.AsArray();
        pieces.Single(piece => piece!["trained"]!.GetValue<bool>())!["text"]!.GetValue<string>().Should().Be("Yes, fresh ones.<|im_end|>");
    }

    [Theory]
    [InlineData("pairs.csv", "question;good;bad\nDo you have rye?;Yes, fresh ones.;No.\n")]
    [InlineData("pairs.json", """[{"question": "Do you have rye?", "good": "Yes, fresh ones.", "bad": "No."}]""")]
    [InlineData("pairs.jsonl.gz", """{"question": "Do you have rye?", "good": "Yes, fresh ones.", "bad": "No."}""")]
    public void Inspect_OtherKindsAndColumns_AreRead(string name, string text)
    {
        string path = name.EndsWith(".gz", StringComparison.Ordinal) ? Packed(name, text) : _folder.Write(name, text);

        ToolRun run = Inspect(path, "--reading.prompt", "question", "--reading.chosen", "good", "--reading.rejected", "bad");

        run.Exit.Should().Be(0, run.Errors);
        run.Output.Should().Contain("[[Yes, fresh ones.<|im_end|>]]").And.Contain("Do you have rye?");
    }

    [Fact]
    public void Inspect_UnknownColumns_IsRefusedByName()
    {
        ToolRun run = Inspect(_folder.Write("pairs.jsonl", """{"question": "a", "good": "b", "bad": "c"}"""));

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain("pairs.jsonl:1");
    }

    private static ToolRun Inspect(string path, params string[] options) => ToolRun.Of(["inspect", path, "--model", TestFiles.Model, .. options]);

    private string Packed(string name, string text)
    {
        using FileStream file = File.Create(_folder.File(name));
        using GZipStream packed = new(file, CompressionLevel.Fastest);
        using StreamWriter writer = new(packed);
        writer.Write(text);
        return _folder.File(name);
    }
}
