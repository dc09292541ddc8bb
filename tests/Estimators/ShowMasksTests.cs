using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class ShowMasksTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void ShowMasks_PreparedPairs_PrintsWhatIsTrainedOnWithLengthsAndLines()
    {
        string shown = Show(Prepared(new PreferencePreparationOptions(), ("Hi?", "Well.", "No\nway."), ("And?", "Yes.", "No.")));

        shown.ReplaceLineEndings("\n").Should().Be(
            """
            what is trained on stands between [[ and ]]
            pair 1, line 7
              chosen: 18 tokens, 6 trained
                <|im_start|>user↵
                Hi?<|im_end|>↵
                <|im_start|>assistant↵
                [[Well.<|im_end|>]]↵
              rejected: 20 tokens, 8 trained
                <|im_start|>user↵
                Hi?<|im_end|>↵
                <|im_start|>assistant↵
                [[No↵
                way.<|im_end|>]]↵

            """.ReplaceLineEndings("\n"), "one pair was asked for");
    }

    [Fact]
    public void ShowMasks_AfterCacheAndFilter_StillKnowsTheTokenizer()
    {
        IDataView prepared = Prepared(new PreferencePreparationOptions { KeepIntermediateColumns = false }, ("Hi?", "Well.", "No."), ("And?", "Yes.", "No."));

        Show(_context.Data.Cache(_context.Data.SkipRows(prepared, 1))).Should().Contain("[[Yes.<|im_end|>]]").And.NotContain("Well.");
    }

    [Fact]
    public void ShowMasks_RowsWithoutTheirMaker_AsksForATokenizer()
    {
        IDataView stored = _context.Data.LoadFromEnumerable(
            [new PreparedRow { ChosenInputIds = [5, 6], ChosenLabels = [6, 7], ChosenLossMask = [0, 0], RejectedInputIds = [5], RejectedLabels = [6],
            RejectedLossMask = [1] }]);

        FluentActions.Invoking(() => Show(stored)).Should().Throw<ArgumentException>().WithMessage("*give the model's tokenizer*");
        Show(stored, SmallChat.Tokenizer).Should().Contain("chosen: 3 tokens, none trained").And.Contain("rejected: 2 tokens, 1 trained");
    }

    [Theory]
    [InlineData(TruncationPolicy.KeepStart, "chosen: 16 tokens, 5 trained, 2 cut off at the end")]
    [InlineData(TruncationPolicy.KeepEnd, "chosen: 16 tokens, 6 trained, 2 cut off at the start")]
    public void ShowMasks_CutPair_SaysHowMuch(TruncationPolicy truncation, string says) =>
        Show(Prepared(new PreferencePreparationOptions { MaxLength = 16, Truncation = truncation }, ("Hi?", "Well.", "No."))).Should().Contain(says);

    [Fact]
    public void ShowMasks_ControlCharactersInData_DoNotReachTheConsole()
    {
        string shown = Show(Prepared(new PreferencePreparationOptions(), ("\u001b[31mred\u0007\r\u202e\u009b", "a\u001b]0;title\u0007", "b\0")));

        shown.ReplaceLineEndings("\n").Where(character => character != '\n').Should()
            .NotContain(character => char.IsControl(character) || character == '\u202e');
        shown.Should().Contain("\\u001b[31mred\\u0007\\u000d\\u202e\\u009b").And.Contain("[[a\\u001b]0;title\\u0007");
    }

    [Fact]
    public void Lines_InColour_ColoursEveryLineForItself() =>
        new MarkedText(inColour: true).Lines([("a\n", false), ("b\nc", true), ("d", false)], "  ").ReplaceLineEndings("\n")
            .Should().Be("  a↵\n  \u001b[32mb↵\u001b[0m\n  \u001b[32mc\u001b[0md");

    [Theory]
    [InlineData(null, "xterm-256color", false, true)]
    [InlineData("", "xterm-256color", false, true)]
    [InlineData("1", "xterm-256color", false, false)]
    [InlineData(null, "dumb", false, false)]
    [InlineData(null, null, false, false)]
    [InlineData(null, null, true, false)]
    [InlineData(null, "xterm", true, true)]
    public void HasColours_Environment_Decides(string? noColour, string? terminal, bool isWindows, bool expected) =>
        MarkedText.HasColours(name => name switch { "NO_COLOR" => noColour, "TERM" => terminal, _ => null }, isWindows).Should().Be(expected);

    [Fact]
    public void ShowMasks_NoPairs_SaysSo() => Show(Prepared(new PreferencePreparationOptions())).Should().StartWith("no pairs");

    private string Show(IDataView view, HuggingFaceTokenizer? tokenizer = null)
    {
        using StringWriter output = new();
        _context.Preferences.ShowMasks(view, 1, tokenizer, output: output);
        return output.ToString();
    }

    private IDataView Prepared(PreferencePreparationOptions options, params (string Question, string Chosen, string Rejected)[] pairs)
    {
        IDataView data = _context.Data.LoadFromEnumerable(pairs.Select((pair, i) => new FilePair
        {
            Chosen = SmallChat.Conversation(pair.Question, pair.Chosen), Rejected = SmallChat.Conversation(pair.Question, pair.Rejected), LineNumber = 7 + i,
        }));
        return _context.Transforms.PreparePreferencePairs(ChatTemplate.ChatMl, SmallChat.Tokenizer, options).Fit(data).Transform(data);
    }

    private sealed class FilePair
    {
        public string Chosen { get; set; } = "";
        public string Rejected { get; set; } = "";
        public long LineNumber { get; set; }
    }

    private sealed class PreparedRow
    {
        public int[] ChosenInputIds { get; set; } = [];
        public int[] ChosenLabels { get; set; } = [];
        public float[] ChosenLossMask { get; set; } = [];
        public int[] RejectedInputIds { get; set; } = [];
        public int[] RejectedLabels { get; set; } = [];
        public float[] RejectedLossMask { get; set; } = [];
    }
}
