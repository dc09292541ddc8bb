using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization.Jinja;

public sealed class JinjaGoldenTests
{
    [Theory]
    [InlineData("cases.jsonl", 300)]
    [InlineData("generated.jsonl", 3000)]
    public void Render_SmallTemplates_GiveWhatPythonGives(string file, int atLeast)
    {
        List<JsonElement> lines = GoldenFile.Lines(TestFiles.Golden("jinja", file));
        ChatTemplateOptions options = new() { Variables = GoldenFile.Variables(), TimeProvider = GoldenFile.Clock };

        string report = GoldenFile.Report(lines.Select(line => GoldenFile.Difference(
            line, () => ChatTemplate.Parse(line.GetProperty("template").GetString()!).Render("[]", options))));

        report.Should().BeEmpty();
        lines.Count.Should().BeGreaterThanOrEqualTo(atLeast);
    }

    [Fact]
    public void RenderWithSpans_Conversations_GiveWhatPythonGives()
    {
        List<JsonElement> lines = GoldenFile.Lines(TestFiles.Golden("jinja", "chats.jsonl"));
        Dictionary<string, string> tokens = new() { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };
        Dictionary<string, ChatTemplate> templates = lines.Select(line => line.GetProperty("template").GetString()!).Distinct()
            .ToDictionary(name => name, name => ChatTemplate.Parse(File.ReadAllText(TestFiles.Golden("jinja", "templates", name)), tokens));
        string tools = File.ReadAllText(TestFiles.Golden("jinja", "tools.json"));

        string report = GoldenFile.Report(lines.Select(line => Difference(line, templates[line.GetProperty("template").GetString()!], tools)));

        report.Should().BeEmpty();
        templates.Should().HaveCount(9);
        lines.Count(line => line.TryGetProperty("spans", out _)).Should().BeGreaterThan(10, "the goldens must cover the marks of {% generation %}");
    }

    private static string? Difference(JsonElement line, ChatTemplate template, string tools)
    {
        ChatTemplateOptions options = new()
        {
            AddGenerationPrompt = line.GetProperty("add_generation_prompt").GetBoolean(),
            ToolsJson = line.TryGetProperty("tools", out _) ? tools : null,
            Variables = line.EnumerateObject().Where(pair => pair.Name is "enable_thinking" or "date_string")
                .ToDictionary(pair => pair.Name, pair => (object?)pair.Value),
            TimeProvider = GoldenFile.Clock,
        };
        IReadOnlyList<(int Start, int Length)> given = [];
        string? difference = GoldenFile.Difference(line, () =>
        {
            RenderedChat chat = template.RenderWithSpans(line.GetProperty("messages").GetRawText(), options);
            given = chat.GenerationSpans;
            return chat.Text;
        });
        (int Start, int Length)[] spans = line.TryGetProperty("spans", out JsonElement places)
            ? [.. places.EnumerateArray().Select(place => (place[0].GetInt32(), place[1].GetInt32()))]
            : [];
        return difference ?? (spans.SequenceEqual(given) ? null : $"{line}\n  has spans at: {string.Join(" ", given)}");
    }
}
