using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Reports;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Reports;

public sealed class ReportTests(ReportTests.TrainedRun trained) : IClassFixture<ReportTests.TrainedRun>, IDisposable
{
    private static readonly string[] s_attacks =
    [
        "\"><script>alert(1)</script><img src=x onerror=alert(1)>",
        "'--></style></title></pre></bdi></svg><svg onload='alert(2)'>",
        "&lt;b&gt;&#60;i&#62; ]]> <!-- </html>",
        "\u202Eright to left\u2066\u200F\uFEFF\u2028\u0085",
        "\u0000\u0007\u001B[31mred\u009B\u007F\r",
        "javascript:alert(3)",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Page_OfARun_HasEveryPart()
    {
        ReportPage page = ReportPage.Of(trained.Folder);

        page.Section("trained").Should().Contain("SHA-256").And.Contain("12 examples").And.Contain("2305.18290");
        page.Section("data").Should().Contain("12 pairs, 12 prompts").And.Contain("All that was measured");
        page.Section("masks").Should().Contain("Line 1").And.Contain("of them trained on");
        page.Document.Descendants("mark").Should().HaveCountGreaterThan(6).And.Contain(mark => mark.Value.Contains("answer number"));
        page.Section("curves").Should().Contain("Loss (nats per pair)").And.Contain("optimizer steps");
        page.Section("figures").Should().MatchRegex(@"Held-out accuracy went from \d+\.\d % \[\d+\.\d, \d+\.\d\] to \d+\.\d % \[");
        page.Section("answers").Should().Contain("Before: the reference").And.Contain("After: step 3");
        page.Section("guards").Should().Contain("None spoke.");
        page.Text.Should().Contain("No guard spoke.");
        page.Section("repeat").Should().Contain("LearningRate").And.Contain("0.001").And.Contain("TorchSharp").And.Contain("Validation.EverySteps");
        page.Html.Should().Contain("default-src 'none'").And.NotContain("is missing");
    }

    [Fact]
    public void Fit_ReportAtTheEnd_IsTheOneThatTheVerbWrites()
    {
        File.ReadAllText(Path.Combine(trained.Folder, RunReport.FileName)).Should().Be(RunReport.Page(new RunFolder(trained.Folder)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Page_HostileTextEverywhere_IsTextOnly(int which)
    {
        string attack = s_attacks[which], folder = _folder.Path;
        foreach (string name in (string[])[RunRecord.FileName, MaskSample.FileName, DiagnosisSample.FileName])
        {
            JsonNode node = JsonNode.Parse(File.ReadAllText(Path.Combine(trained.Folder, name)))!;
            File.WriteAllText(Path.Combine(folder, name), Spoilt(node, attack)!.ToJsonString());
        }
        foreach (string name in (string[])[MetricsJsonl.FileName, AnswerLog.FileName])
        {
            File.WriteAllLines(Path.Combine(folder, name),
                File.ReadLines(Path.Combine(trained.Folder, name)).Select(line => Spoilt(JsonNode.Parse(line)!, attack)!.ToJsonString()));
        }

        ReportPage page = ReportPage.Of(folder); // it checks elements, attributes and characters

        string shown = string.Concat(attack.Select(letter => char.IsControl(letter) || "\u202E\u2066\u200F\uFEFF\u2028".Contains(letter)
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}") : $"{letter}"));
        foreach (string part in (string[])["trained", "data", "masks", "answers", "guards", "repeat"])
            page.Section(part).Should().Contain(shown, part);
    }

    [Fact]
    public void Page_ValuesOfOtherKinds_IsWrittenAllTheSame()
    {
        foreach (string file in Directory.EnumerateFiles(trained.Folder, "*.json"))
        {
            foreach (string odd in (string[])["[]", "{}", "1e400", "-5", "true", "\"\\ud800\"", "[[[{\"a\":[]}]]]"])
            {
                CopyRun();
                string path = Path.Combine(_folder.Path, Path.GetFileName(file));
                JsonObject root = JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? [];
                IEnumerable<string> values = root.Select(property => $"\"{property.Key}\":{odd}");
                File.WriteAllText(path, $"{{{string.Join(',', values)}}}");

                ReportPage.Of(_folder.Path);
            }
        }
    }

    [Theory]
    [InlineData("{\"run\":{\"options\":{\"a\":{\"b\":[\"\\ud800\"],\"c\":\"\\udc00\"}}}}")]
    [InlineData("{\"run\":{\"model\":[],\"data\":{\"left_out\":[1,{\"lines\":5},{\"lines\":[{}]}]}},\"warnings\":[5,[],{}],\"resumptions\":[0]}")]
    public void Page_OddRecord_IsWrittenAllTheSame(string record)
    {
        CopyRun();
        File.WriteAllText(Path.Combine(_folder.Path, RunRecord.FileName), record);
        ReportPage.Of(_folder.Path);
    }

    [Theory]
    [InlineData("{\"step\":1,\"loss\":1e308}\n{\"step\":2,\"loss\":-1e308}\n{\"step\":9e18,\"eval_loss\":\"NaN\"}\n")]
    [InlineData("{\"step\":-1,\"loss\":1}\n{\"step\":\"x\"}\nnot JSON\n")]
    [InlineData("{\"step\":1,\"loss\":\"Infinity\",\"loss\":5,\"rewards/margins\":\"-Infinity\"}\n")]
    public void Page_OddMeasurements_AreNoHindrance(string lines)
    {
        CopyRun();
        File.WriteAllText(Path.Combine(_folder.Path, MetricsJsonl.FileName), lines);
        ReportPage.Of(_folder.Path);
    }

    [Fact]
    public void Page_OlderFolder_SaysWhatIsMissing()
    {
        CopyRun();
        foreach (string name in (string[])[MaskSample.FileName, DiagnosisSample.FileName, AnswerLog.FileName, MetricsJsonl.FileName])
            File.Delete(Path.Combine(_folder.Path, name));

        ReportPage page = ReportPage.Of(_folder.Path);

        page.Section("data").Should().Contain("no diagnosis.json");
        page.Section("masks").Should().Contain("no masks.json");
        page.Section("answers").Should().Contain("no answers.jsonl");
        page.Section("curves").Should().Contain("no metrics.jsonl");
        page.Section("figures").Should().Contain("not evaluated");
        page.Section("trained").Should().Contain("12 examples");
    }

    [Fact]
    public void Page_DamagedParts_AreNamed()
    {
        CopyRun();
        File.WriteAllText(Path.Combine(_folder.Path, MaskSample.FileName), "[{");
        File.AppendAllText(Path.Combine(_folder.Path, AnswerLog.FileName), "{\"step\":9,\"answers\":[{\"prompt\":\"\\ud800\",\"policy\":\"\"}]}\n");
        File.AppendAllText(Path.Combine(_folder.Path, MetricsJsonl.FileName), "\0\0\n");
        File.WriteAllText(Path.Combine(_folder.Path, DiagnosisSample.FileName), "{\"\\ud800\": 1}");

        ReportPage.Of(_folder.Path).Text.Should().Contain("masks.json is damaged").And.Contain("diagnosis.json is damaged")
            .And.MatchRegex(@"answers\.jsonl:\d+ is damaged")
            .And.MatchRegex(@"metrics\.jsonl:\d+ is damaged");
    }

    [Fact]
    public void Page_StoppedRun_SaysWhyAndWhatGuardsSaid()
    {
        CopyRun();
        string path = Path.Combine(_folder.Path, RunRecord.FileName);
        JsonNode record = JsonNode.Parse(File.ReadAllText(path))!;
        record["status"] = "stopped";
        record["stop_reason"] = "the margin exploded";
        record["warnings"] = JsonNode.Parse("""[{"step": 1200, "guard": "margin_explosion", "action": "stop", "message": "The margin is 40."}]""");
        File.WriteAllText(path, record.ToJsonString());

        ReportPage page = ReportPage.Of(_folder.Path);

        page.Text.Should().Contain("It was stopped: the margin exploded");
        page.Section("guards").Should().Contain("margin_explosion at step 1,200, action stop").And.Contain("The margin is 40.");
    }

    [Fact]
    public void WriteReport_NoRunFolder_IsRefused()
    {
        PreferenceCatalog preferences = new MLContext().Preferences;
        preferences.Invoking(catalog => catalog.WriteReport(_folder.Path)).Should().Throw<InvalidDataException>().WithMessage("*no run folder*run.json*");
        preferences.Invoking(catalog => catalog.WriteReport(_folder.File("away"))).Should().Throw<DirectoryNotFoundException>();
        File.WriteAllText(_folder.File(RunRecord.FileName), "{");
        preferences.Invoking(catalog => catalog.WriteReport(_folder.Path)).Should().Throw<InvalidDataException>().WithMessage("*run.json is damaged*");
        Directory.EnumerateFiles(_folder.Path).Should().ContainSingle("nothing half-written is left");
    }

    [Fact]
    public void WriteReport_OtherPathAndHostileFolder_AreTextToo()
    {
        string folder = Path.Combine(_folder.Path, "a\"><script>alert(1)<b>");
        Directory.CreateDirectory(folder);
        CopyRun(folder);

        ReportPage.Of(folder).Document.Descendants("title").Single().Value.Should().StartWith("a\"><script>alert(1)<b>: training report");
        string path = _folder.File("elsewhere.html");
        new MLContext().Preferences.WriteReport(folder, path).Should().Be(path);
        File.Exists(path).Should().BeTrue();
    }

    [Fact]
    public void VisibleText_LongText_SaysHowMuchIsLeftOut() =>
        VisibleText.Of(new string('x', 10) + "😀😀", 11).Should().Be("xxxxxxxxxx😀… (1 more characters)");

    private void CopyRun(string? folder = null)
    {
        foreach (string file in Directory.EnumerateFiles(trained.Folder))
            File.Copy(file, Path.Combine(folder ?? _folder.Path, Path.GetFileName(file)), overwrite: true);
    }

    // every text and every name of an option, and one warning
    private static JsonNode? Spoilt(JsonNode? node, string attack) => node switch
    {
        JsonObject known => new JsonObject(known.SelectMany(property => Spoilt(property, attack))),
        JsonArray items => new JsonArray([.. items.Select(item => Spoilt(item, attack))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(attack),
        _ => node?.DeepClone(),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Spoilt(KeyValuePair<string, JsonNode?> property, string attack)
    {
        if (property.Key == "warnings")
            return [new(property.Key, new JsonArray(new JsonObject { ["step"] = attack, ["guard"] = attack, ["action"] = attack, ["message"] = attack }))];
        if (property.Key == "missing")
            return [];
        if (property.Key == "options" && property.Value is JsonObject options)
            return [new(property.Key, new JsonObject(options.Take(5).Select((option, i) => new KeyValuePair<string, JsonNode?>($"{i}{attack}", attack))))];
        return [new(property.Key, Spoilt(property.Value, attack))];
    }

    /// <summary>A short run on pairs with texts.</summary>
    public sealed class TrainedRun : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public TrainedRun()
        {
            MLContext context = new(seed: 1);
            using PretrainedModel model = SmallModel.Create();
            IDataView Pairs(int first, int count)
            {
                string path = _folder.File($"pairs{first}.jsonl");
                File.WriteAllLines(path, Enumerable.Range(first, count).Select(i => JsonSerializer.Serialize(
                    new { prompt = $"Question {i}?", chosen = $"The answer number {i}.", rejected = $"No {i}." })));
                IDataView pairs = context.Preferences.LoadFromJsonl(path);
                return context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = 128 }).Fit(pairs).Transform(pairs);
            }
            using DpoTransformer trained = new DpoTrainer(context, new DpoTrainer.Options
            {
                Model = model, LearningRate = 1e-3, LogInterval = 1, RunDirectory = new() { Folder = Folder },
                Validation = new() { Data = Pairs(100, 6), EverySteps = 2, SamplePrompts = 2, SampleTokens = 8 },
            }).Fit(Pairs(0, 12));
        }

        public string Folder => Path.Combine(_folder.Path, "bakery");

        public void Dispose() => _folder.Dispose();
    }
}
