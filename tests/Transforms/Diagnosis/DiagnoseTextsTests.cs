using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

/// <summary>Clean pairs have no finding; each seeded fault is found, with its lines, and nothing else.</summary>
public sealed class DiagnoseTextsTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly MadeUpPairs _made = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Diagnose_CleanPairs_FindsNothing(int seed)
    {
        MadeUpPairs made = new(seed);

        PreferenceDiagnosis diagnosis = Diagnose(made.Make(1000), made.Make(200));

        diagnosis.Findings.Should().BeEmpty();
        (diagnosis.Pairs, diagnosis.Prompts, diagnosis.HeldOutPairs).Should().Be((1000, 1000, 200));
        diagnosis.ToString().Should().Contain("Nothing was found");
    }

    [Fact]
    public void Diagnose_RowsThatComeAgain_AreDuplicates()
    {
        List<MadeUpRow> rows = [.. _made.Make(100).Select(pair => pair.ToRow())];
        MadeUpRow again = new() { LineNumber = 101, Chosen = rows[6].Chosen, Rejected = rows[6].Rejected };
        // the same said otherwise: keys in another order, escapes, white space between tokens
        MadeUpRow escaped = new()
        {
            LineNumber = 102, Chosen = rows[8].Chosen.Replace("\"role\":\"user\",", "", StringComparison.Ordinal)
                .Replace("},{\"role\":\"assistant\"", ",\"role\" : \"u\\u0073er\"} , {\"role\":\"assistant\"", StringComparison.Ordinal),
            Rejected = rows[8].Rejected,
        };

        DiagnosisFinding finding = Only(_context.Preferences.Diagnose(_context.Data.LoadFromEnumerable([.. rows, again, escaped])));

        (finding.Kind, finding.Count).Should().Be((DiagnosisFindingKind.ExactDuplicates, 2));
        finding.Lines.Should().Equal(101, 102);
        finding.Examples.Should().Equal("101 = 7", "102 = 9");
    }

    [Fact]
    public void Diagnose_OtherToolsOrWhiteSpaceThatMatters_IsNoDuplicate()
    {
        MadeUpRow row = _made.Make(1)[0].ToRow();
        MadeUpRow other = new()
        {
            LineNumber = 2,
            Chosen = row.Chosen.Replace("\"role\":\"user\"", "\"role\":\"user\",\"tools\":[1]", StringComparison.Ordinal),
            Rejected = row.Rejected.Replace("\"role\":\"user\"", "\"role\":\"user\",\"tools\":[1]", StringComparison.Ordinal)
        };
        MadeUpPair code = new(3, "indent it", "if x:\n    y()\nz()", "if x:\n    y()\n    z()");

        _context.Preferences.Diagnose(_context.Data.LoadFromEnumerable([row, other, code.ToRow()])).Findings.Select(finding => finding.Kind)
            .Should().NotContain([DiagnosisFindingKind.ExactDuplicates, DiagnosisFindingKind.IdenticalSides]);
    }

    [Fact]
    public void Diagnose_SidesSwapped_AreContradictions()
    {
        List<MadeUpPair> pairs = _made.Make(100);
        pairs.Add(pairs[11] with { Line = 101, Chosen = pairs[11].Rejected, Rejected = pairs[11].Chosen });

        DiagnosisFinding finding = Only(Diagnose(pairs));

        (finding.Kind, finding.Count, finding.Examples[0]).Should().Be((DiagnosisFindingKind.Contradictions, 1, "101 contradicts 12"));
    }

    [Fact]
    public void Diagnose_SameSides_AreIdentical()
    {
        List<MadeUpPair> pairs = _made.Make(100);
        pairs[40] = pairs[40] with { Rejected = pairs[40].Chosen };

        DiagnosisFinding finding = Only(Diagnose(pairs));

        (finding.Kind, finding.Count, finding.Share).Should().Be((DiagnosisFindingKind.IdenticalSides, 1, 0.01));
        finding.Lines.Should().Equal(41);
    }

    [Fact]
    public void Diagnose_SidesOnOtherQuestions_ShareNoPrompt()
    {
        List<MadeUpRow> rows = [.. _made.Make(50).Select(pair => pair.ToRow())];
        rows[3].Rejected = MadeUpPairs.Conversation("another question", "an answer");

        DiagnosisFinding finding = Only(_context.Preferences.Diagnose(_context.Data.LoadFromEnumerable(rows)));

        finding.Kind.Should().Be(DiagnosisFindingKind.NoSharedPrompt);
        finding.Lines.Should().Equal(4);
    }

    [Fact]
    public void Diagnose_FewWordsChanged_AreNearDuplicates()
    {
        List<MadeUpPair> pairs = _made.Make(300);
        string Changed(string text) => $"{text.ToUpperInvariant().Replace(' ', '\n')} - {_made.Word()}";
        pairs.Add(new MadeUpPair(301, pairs[20].Prompt + "?", Changed(pairs[20].Chosen), Changed(pairs[20].Rejected)));
        pairs.Add(pairs[30] with { Line = 302, Rejected = _made.Answer() }); // another pair of the same ranking

        DiagnosisFinding finding = Only(Diagnose(pairs));

        (finding.Kind, finding.Count).Should().Be((DiagnosisFindingKind.NearDuplicates, 1));
        finding.Examples.Should().ContainSingle().Which.Should().StartWith("301 ~ 21 (0.9");
    }

    [Fact]
    public void Diagnose_PromptInBothSets_IsALeak()
    {
        List<MadeUpPair> pairs = _made.Make(200), heldOut = _made.Make(100);
        heldOut[4] = heldOut[4] with { Prompt = "  " + pairs[17].Prompt.Replace(" ", "\n ", StringComparison.Ordinal) };

        DiagnosisFinding finding = Only(Diagnose(pairs, heldOut));

        (finding.Kind, finding.Count, finding.Share).Should().Be((DiagnosisFindingKind.PromptLeak, 1, 0.01));
        finding.Examples.Should().Equal("held-out 5 = training 18");
        DataOperationsCatalog.TrainTestData split = _context.Preferences.TrainTestSplit(MadeUpPairs.View(_context, pairs.Concat(heldOut)));
        _context.Preferences.Diagnose(split.TrainSet, heldOut: split.TestSet).Of(DiagnosisFindingKind.PromptLeak).Should()
            .BeEmpty("that is what the split by prompt is for");
    }

    [Fact]
    public void Diagnose_PromptNearlyInBothSets_IsANearLeakWhateverTheSystemSays()
    {
        string system = _made.Words(200, 200);
        List<MadeUpPair> pairs = [.. _made.Make(200).Select(pair => pair with { System = system })],
            heldOut = [.. _made.Make(100).Select(pair => pair with { System = system })];
        heldOut[4] = heldOut[4] with { Prompt = pairs[17].Prompt + " " + _made.Word() };

        DiagnosisFinding finding = Only(Diagnose(pairs, heldOut));

        (finding.Kind, finding.Count).Should().Be((DiagnosisFindingKind.NearPromptLeak, 1));
        finding.Examples[0].Should().StartWith("held-out 5 ~ training 18 (0.9");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Diagnose_LengthThatTellsTheLabel_IsABias(bool longer)
    {
        List<MadeUpPair> pairs = [.. _made.Make(400).Select(pair =>
        {
            bool follows = _made.Chance(0.8);
            return (pair.Chosen.Length > pair.Rejected.Length) == (longer == follows) ? pair : pair with { Chosen = pair.Rejected, Rejected = pair.Chosen };
        })];

        PreferenceDiagnosis diagnosis = Diagnose(pairs);

        DiagnosisFinding finding = diagnosis.Of(DiagnosisFindingKind.LengthBias).Should().ContainSingle().Subject;
        finding.Summary.Should().StartWith($"the {(longer ? "longer" : "shorter")} answer is the chosen one in ");
        finding.Why.Should().StartWith($"To write {(longer ? "more" : "less")} is then the easiest thing to learn");
        diagnosis.Length.Accuracy.Should().BeApproximately(0.8, 4 * Math.Sqrt(0.8 * 0.2 / 400));
        diagnosis.Length.LongerIsChosen.Should().Be(longer ? diagnosis.Length.Accuracy : 1 - diagnosis.Length.Accuracy);
        (diagnosis.Length.MeanChosenLength > diagnosis.Length.MeanRejectedLength).Should().Be(longer);
        (diagnosis.Length.MedianDifference > 0).Should().Be(longer);
        diagnosis.Length.Interval.Lower.Should().BeLessThan(diagnosis.Length.Accuracy);
        diagnosis.Length.Interval.Upper.Should().BeGreaterThan(diagnosis.Length.Accuracy);
    }

    [Theory]
    [InlineData("list items", "{0}\n- one\n- two\n- three\n- four")]
    [InlineData("list items", "{0}\n1. one\n2. two\n3. three")]
    [InlineData("bold text", "**So**: {0} **that** is **it**.")]
    [InlineData("headings", "# Answer\n{0}")]
    [InlineData("code fences", "{0}\n```\ncode\n```")]
    [InlineData("tables", "{0}\n| a | b |\n|---|---|")]
    [InlineData("line breaks", "So\nit\nis\n\n{0}\n\nsaid\nhe.")]
    [InlineData("exclamation marks", "{0} Yes! No!!")]
    [InlineData("question at the end", "{0} Is it so?")]
    [InlineData("emoji", "{0} \U0001F600.")]
    [InlineData("digits", "{0} 1234567890.")]
    [InlineData("links", "{0} https://example.com is it.")]
    [InlineData("quotation marks", "{0} \"So\" it is.")]
    [InlineData("brackets", "{0} (so) (it) is.")]
    [InlineData("apology or refusal at the start", "I'm sorry, but I cannot. {0}")]
    [InlineData("apology or refusal at the start", "As an AI language model, {0}")]
    [InlineData("apology or refusal at the start", "抱歉，{0}")]
    [InlineData("end without a full stop", "{0} and so")]
    [InlineData("lower-case start", "so {0}")]
    [InlineData("white space at the start", " {0}")]
    [InlineData("white space at the end", "{0}\n")]
    [InlineData("letters that are not Latin", "中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答"
        + "中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答中文回答。{0}")]
    [InlineData("think block", "<think>so</think> {0}")]
    [InlineData("begins \"certainly!\"", "Certainly! {0}")]
    [InlineData("ends \"more questions.\"", "{0} Ask me if there are more questions.", "ends \"are more questions.\"")]
    public void Diagnose_FormThatTellsTheLabel_IsABias(string feature, string form, string? longer = null)
    {
        foreach (bool onChosen in new[] { true, false })
        {
            string Marked(string answer) => _made.Chance(0.9) ? string.Format(CultureInfo.InvariantCulture, form, answer) : answer;
            List<MadeUpPair> pairs = [.. _made.Make(300)
                .Select(pair => onChosen ? pair with { Chosen = Marked(pair.Chosen) } : pair with { Rejected = Marked(pair.Rejected) })];

            PreferenceDiagnosis diagnosis = Diagnose(pairs);

            FormatBias bias = diagnosis.Formats.Should().ContainSingle(found => found.Feature == feature || found.Feature == longer).Subject;
            bias.MoreIsChosen.Should().Be(onChosen);
            bias.Accuracy.Should().BeGreaterThan(0.8);
            diagnosis.Of(DiagnosisFindingKind.FormatBias).Select(finding => finding.Summary).Should()
                .Contain(summary => summary.Contains(bias.Feature, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Diagnose_PlainAnswer_HasNoForm()
    {
        Span<int> numbers = stackalloc int[Dpo.Transforms.Diagnosis.AnswerFormat.Names.Count];
        Dpo.Transforms.Diagnosis.AnswerFormat.Measure("A plain answer, which - as it is - has 2.5 commas; #1 of 3.", numbers);

        Dpo.Transforms.Diagnosis.AnswerFormat.Names.Zip(numbers.ToArray()).Where(feature => feature.Second > 0).Select(feature => feature.First).Should()
            .Equal("digits");
    }

    [Theory]
    [InlineData("So:\n12", 0)] // nothing behind the number
    [InlineData("So:\n2024. It was.", 0)] // a year
    [InlineData("So:\n1. It was.\n123) It is.", 2)]
    public void Measure_LinesThatBeginWithNumbers_AreItemsWhereTheyCount(string answer, int items)
    {
        Span<int> numbers = stackalloc int[Dpo.Transforms.Diagnosis.AnswerFormat.Names.Count];
        Dpo.Transforms.Diagnosis.AnswerFormat.Measure(answer, numbers);

        Dpo.Transforms.Diagnosis.AnswerFormat.Names.Zip(numbers.ToArray()).Single(feature => feature.First == "list items").Second.Should().Be(items);
    }

    [Fact]
    public void Diagnose_FewPairs_ShowNoBias()
    {
        List<MadeUpPair> pairs = [.. _made.Make(10).Select(pair => pair with { Chosen = pair.Chosen + "\n- one\n- two\n- three\n- four" })];

        Diagnose(pairs).Findings.Should().BeEmpty("of some thirty properties one may hold in ten pairs by chance");
    }

    [Fact]
    public void Diagnose_BiasInFewPairs_IsNoFinding()
    {
        List<MadeUpPair> pairs = _made.Make(1000);
        for (int i = 0; i < 40; i++)
            pairs[i] = pairs[i] with { Chosen = pairs[i].Chosen + "\n| a | b |" };

        PreferenceDiagnosis diagnosis = Diagnose(pairs);

        diagnosis.Findings.Should().BeEmpty("a twentieth of the pairs is where it begins to matter");
        diagnosis.Formats.Single(bias => bias.Feature == "tables").ChosenHasMore.Should().Be(40, "it is measured all the same");
    }

    [Fact]
    public void Diagnose_TwoSeedsOrReadings_GiveTheSameReport()
    {
        List<MadeUpPair> pairs = _made.Make(200);
        pairs.Add(pairs[3] with { Line = 201, Prompt = pairs[3].Prompt + " so" });
        IDataView view = MadeUpPairs.View(_context, pairs);
        string text = _context.Preferences.Diagnose(view).ToString();

        _context.Preferences.Diagnose(view).ToString().Should().Be(text);
        _context.Preferences.Diagnose(view, options: new() { Seed = 99 }).ToString().Should().Be(text);
    }

    [Fact]
    public void Diagnose_Text_FitsTheScreenAndSaysWhatWhichWhyAndWhatToDo()
    {
        List<MadeUpPair> pairs = [.. _made.Make(300).Select(pair => pair with { Chosen = "Certainly! " + pair.Chosen + " Let me know.\n" })];
        for (int i = 0; i < 12; i++)
            pairs.Add(pairs[i] with { Line = 1_000_000 + i });

        PreferenceDiagnosis diagnosis = Diagnose(pairs, [pairs[0], .. _made.Make(10)]);
        string text = diagnosis.ToString();

        text.Split('\n').Should().OnlyContain(line => line.Length <= 100);
        text.Split('\n').Should().OnlyContain(line => line == line.TrimEnd());
        text.Should().Contain("12 pairs repeat an earlier one exactly (3.8 %).")
            .And.Contain("Lines  1000000 = 1, 1000001 = 2, 1000002 = 3, 1000003 = 4, 1000004 = 5, ...");
        foreach (DiagnosisFinding finding in diagnosis.Findings)
        {
            finding.Why.Should().EndWith(".");
            finding.Remedy.Should().EndWith(".");
            finding.Lines.Should().NotBeEmpty().And.HaveCountLessThanOrEqualTo(5).And.HaveSameCount(finding.Examples);
            text.Should().Contain("Why").And.Contain("Do");
        }
        text.Should().NotContain("prompts that are in held-out pairs").And.Contain("what the model prefers already");
    }

    [Fact]
    public void Diagnose_RowsWithoutLines_AreCounted()
    {
        List<MadeUpPair> pairs = _made.Make(20);
        pairs.Add(pairs[5] with { Line = 7777 });
        IDataView view = MadeUpPairs.View(_context, pairs);
        IDataView unnumbered = _context.Transforms.DropColumns("LineNumber").Fit(view).Transform(view);

        PreferenceDiagnosis diagnosis = _context.Preferences.Diagnose(unnumbered);

        Only(diagnosis).Examples.Should().Equal("21 = 6");
        diagnosis.ToString().Should().Contain("Rows   21 = 6");
    }

    [Fact]
    public void Diagnose_NoPairs_IsRefusedByLine()
    {
        MadeUpRow[] rows = [_made.Make(1)[0].ToRow(), new() { LineNumber = 9, Chosen = "no JSON", Rejected = "[]" }];
        FluentActions.Invoking(() => _context.Preferences.Diagnose(_context.Data.LoadFromEnumerable(rows))).Should().Throw<InvalidDataException>()
            .WithMessage("line 9, columns 'Chosen' and 'Rejected': the chosen side is no JSON message list, but 'no JSON'.");
        FluentActions.Invoking(() => Diagnose([])).Should().Throw<InvalidDataException>().WithMessage("The data has no pair*");
        FluentActions.Invoking(() => Diagnose(_made.Make(1), [])).Should().Throw<InvalidDataException>().WithMessage("The held-out data has no pair*");
        FluentActions.Invoking(() => _context.Preferences.Diagnose(_context.Data.LoadFromEnumerable(new[] { new Other() }))).Should()
            .Throw<ArgumentOutOfRangeException>();
        PreferenceDiagnosisOptions wrong = new() { BiasLimit = 0.4, Similarity = 0, ScoredPairs = -1, Examples = 0, LineNumberColumnName = " " };
        FluentActions.Invoking(() => Diagnose(_made.Make(1), options: wrong)).Should().Throw<ArgumentException>()
            .WithMessage("*BiasLimit is 0.4*Similarity is 0*ScoredPairs is -1*Examples is 0*");
    }

    private PreferenceDiagnosis Diagnose(IEnumerable<MadeUpPair> pairs, IEnumerable<MadeUpPair>? heldOut = null, PreferenceDiagnosisOptions? options = null) =>
        _context.Preferences.Diagnose(MadeUpPairs.View(_context, pairs), heldOut: heldOut is null ? null
            : MadeUpPairs.View(_context, heldOut), options: options);

    private static DiagnosisFinding Only(PreferenceDiagnosis diagnosis) => diagnosis.Findings.Should().ContainSingle().Subject;

    private sealed class Other
    {
        public string Text { get; set; } = "";
    }
}
