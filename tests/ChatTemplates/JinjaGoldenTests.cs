using System.Text.Json;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

public sealed class JinjaGoldenTests
{
    [Theory]
    [InlineData("cases.jsonl", 300)]
    [InlineData("generated.jsonl", 3000)]
    public void Render_SmallTemplates_GiveWhatPythonGives(string file, int atLeast)
    {
        List<JsonElement> lines = GoldenFile.Lines(TestFiles.Golden(file));
        Dictionary<string, object?> variables = GoldenFile.Variables();

        string report = GoldenFile.Report(lines.Select(line => GoldenFile.Difference(
            line, () => JinjaTemplate.Parse(line.GetProperty("template").GetString()!),
            template => Chat.Render(template, "[]", null, variables, GoldenFile.Clock, null))));

        report.Should().BeEmpty();
        lines.Count.Should().BeGreaterThanOrEqualTo(atLeast);
    }

    [Fact]
    public void RenderWithSpans_Conversations_GiveWhatPythonGives()
    {
        List<JsonElement> lines = GoldenFile.Lines(TestFiles.Golden("chats.jsonl"));
        Dictionary<string, JinjaTemplate> templates = lines.Select(line => line.GetProperty("template").GetString()!).Distinct()
            .ToDictionary(name => name, name => JinjaTemplate.Parse(File.ReadAllText(TestFiles.Golden("templates", name))));
        string tools = File.ReadAllText(TestFiles.Golden("tools.json"));

        string report = GoldenFile.Report(lines.Select(line => Difference(line, templates[line.GetProperty("template").GetString()!], tools)));

        report.Should().BeEmpty();
        templates.Should().HaveCount(9);
        lines.Count(line => line.TryGetProperty("error", out _)).Should().BeGreaterThan(30, "templates refuse conversations too");
        lines.Count(line => line.TryGetProperty("spans", out _)).Should().BeGreaterThan(10, "the goldens must cover the marks of {% generation %}");
    }

    private static string? Difference(JsonElement line, JinjaTemplate template, string tools)
    {
        Dictionary<string, object?> variables = new() { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };
        variables["add_generation_prompt"] = line.GetProperty("add_generation_prompt").GetBoolean();
        foreach (JsonProperty option in line.EnumerateObject().Where(pair => pair.Name is "enable_thinking" or "date_string"))
            variables[option.Name] = option.Value;
        List<(int Start, int Length)> given = [];
        string? difference = GoldenFile.Difference(line, () => template, parsed => Chat.Render(
            parsed, line.GetProperty("messages").GetRawText(), line.TryGetProperty("tools", out _) ? tools : null, variables, GoldenFile.Clock, given));
        (int Start, int Length)[] spans = line.TryGetProperty("spans", out JsonElement places)
            ? [.. places.EnumerateArray().Select(place => (place[0].GetInt32(), place[1].GetInt32()))]
            : [];
        return difference ?? (spans.SequenceEqual(given) ? null : $"{line}\n  has spans at: {string.Join(" ", given)}");
    }
}
