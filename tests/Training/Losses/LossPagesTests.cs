using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>The pages on losses say what the files of results beside them say, and what the guard says.</summary>
public sealed class LossPagesTests
{
    private const string Comparison = "LOSS-COMPARISON.md", Collapse = "CHOSEN-COLLAPSE.md", Results = "loss-comparison";

    [Fact]
    public void Comparison_OfEveryLoss_HasItsNumbersAtTheRateThatTheTuningPromptsChose()
    {
        string[] page = File.ReadAllLines(Docs(Comparison));
        IGrouping<string, JsonElement>[] losses = [.. Json("persona.json").GetProperty("runs").EnumerateArray().GroupBy(run => Text(run, "loss"))];

        double[] common = Common(losses);
        losses.Should().HaveCountGreaterThanOrEqualTo(8);
        foreach (IGrouping<string, JsonElement> runs in losses)
        {
            JsonElement best = runs.Where(run => common.Contains(Number(run, "rate"))).OrderBy(run => Number(run, "rate"))
                .MaxBy(run => Number(run, "tuningAccuracy"));
            string row = page.First(line => line.StartsWith($"| {runs.Key} |", StringComparison.Ordinal));
            row.Should().Contain(string.Create(CultureInfo.InvariantCulture, $"| {Number(best, "rate"):0.#e-0} | {Number(best, "accuracy"):P1} ["))
                .And.Contain(string.Create(CultureInfo.InvariantCulture, $"| {Number(best, "chosenPerToken"):+0.00;-0.00} |"));
            double[] prompts = [.. Text(best, "prompts").Split(' ').Select(right => double.Parse(right, CultureInfo.InvariantCulture))];
            prompts.Average().Should().BeApproximately(Number(best, "accuracy"), 1e-3, "{0}'s prompts are kept with it", runs.Key);
        }
    }

    [Fact]
    public void Comparison_Losses_HadTheSameBudget()
    {
        JsonElement[] runs = [.. Json("persona.json").GetProperty("runs").EnumerateArray()];

        runs.Select(run => run.GetProperty("steps").GetInt64()).Distinct().Should().ContainSingle();
        Common(runs.GroupBy(run => Text(run, "loss"))).Should().NotBeEmpty("every loss is measured at these rates, and chosen from them");
    }

    [Fact]
    public void Collapse_Page_SaysWhatTheGuardSays()
    {
        string page = File.ReadAllText(Docs(Collapse));
        page.Should().Contain($"to hold the chosen responses up, {PreferenceLoss.Sigmoid().ChosenRemedy}.", "it is what the guard says today");
        string[] files = [.. Directory.EnumerateFiles(Docs(Results), "collapse*.json")];
        files.Should().NotBeEmpty();
        foreach (string file in files)
        {
            JsonElement[] lines = [.. Json(Path.GetFileName(file)).GetProperty("lines").EnumerateArray()];
            lines.Select(line => Text(line, "loss")).Should().BeEquivalentTo("DPO, sums", "0.8 DPO + 0.2 NLL", "DPOP");
            JsonElement sums = lines.Single(line => Text(line, "loss") == "DPO, sums");
            string[] said = [.. sums.GetProperty("guards").EnumerateArray().Select(guard => guard.GetString()!)];
            page.Should().Contain(said.Single(guard => guard.StartsWith("ChosenCollapse", StringComparison.Ordinal)));
            foreach (JsonElement line in lines)
            {
                double chosen = Number(line.GetProperty("points").EnumerateArray().Last(), "chosen");
                page.Should().Contain(string.Create(CultureInfo.InvariantCulture, $"| {Text(line, "loss")} | {chosen:+0.00;-0.00} |"));
            }
        }
    }

    [Theory]
    [InlineData(Comparison)]
    [InlineData(Collapse)]
    public void Page_Whole_HasNoGapAndItsPictures(string name)
    {
        string page = File.ReadAllText(Docs(name));

        page.Should().NotContain("{{");
        string[] pictures = [.. page.Split("](").Skip(1).Select(part => part[..part.IndexOf(')')])
            .Where(link => link.EndsWith(".svg", StringComparison.Ordinal))];
        pictures.Should().NotBeEmpty();
        foreach (string picture in pictures)
            XDocument.Load(Docs(picture)).Root!.Value.Should().Contain("prefers-color-scheme: dark");
    }

    private static double[] Common(IEnumerable<IGrouping<string, JsonElement>> losses) =>
        [.. losses.Select(runs => runs.Select(run => Number(run, "rate"))).Aggregate((left, right) => left.Intersect(right))];

    private static string Docs(string name) => Path.Combine(TestFiles.RepositoryRoot, "docs", name);

    private static JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(Docs(Path.Combine(Results, name)))).RootElement;

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
