using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>
/// Conversations rendered with the templates that models ship; those of other models than MiniMind are looked for as NAME.jinja in the folder that
/// MINIMIND_TEMPLATES names.
/// </summary>
public sealed class ChatTemplateGoldenTests
{
    private const string TemplateFolder = "MINIMIND_TEMPLATES";

    [SkippableFact]
    public void Render_MiniMindTemplate_GivesTheReferencesText()
    {
        ChatTemplate template = ChatTemplate.FromTokenizerConfig(File.ReadAllText(TestFiles.Shared("fetched", "minimind-tokenizer", "tokenizer_config.json")));
        List<JsonElement> lines = Lines(TestFiles.Shared("goldens", "chat-template", "visible.jsonl"));

        lines.Select(line => Difference(template, line)).OfType<string>().Should().BeEmpty();
        lines.Should().HaveCount(93);
    }

    [SkippableTheory]
    [InlineData("chatml_vllm")]
    [InlineData("cohere")]
    [InlineData("gemma")]
    [InlineData("llama3")]
    [InlineData("llama3_2")]
    [InlineData("mistral_nemo")]
    [InlineData("phi3")]
    [InlineData("qwen2_5")]
    [InlineData("qwen3")]
    public void Render_OtherModelsTemplate_GivesTheReferencesText(string name)
    {
        string goldens = TestFiles.Shared("goldens", "chat-template", "other-templates", name + ".jsonl");
        string? folder = Environment.GetEnvironmentVariable(TemplateFolder);
        Skip.If(folder is null, $"needs the environment variable {TemplateFolder}, a folder with {name}.jinja");
        ChatTemplate template = ChatTemplate.Parse(File.ReadAllText(Path.Combine(folder!, name + ".jinja")));

        Lines(goldens).Select(line => Difference(template, line)).OfType<string>().Should().BeEmpty();
    }

    private static List<JsonElement> Lines(string path) => [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    // transformers itself looks at the first message
    private static string Own(string pythonError) => pythonError == "list index out of range" ? "list object has no element 0" : pythonError;

    // a line without a text has the type and the message of Python's exception
    private static string? Difference(ChatTemplate template, JsonElement line)
    {
        bool refused = !line.TryGetProperty("expected", out JsonElement text);
        try
        {
            string given = Render(template, line);
            return !refused && given == text.GetString() ? null : $"{line}\n  gives: {JsonSerializer.Serialize(given)}";
        }
        catch (ChatTemplateException error)
        {
            return refused && error.Reason == Own(line.GetProperty("python_error").GetString()!.Split(": ", 2)[1]) ? null : $"{line}\n  fails: {error.Message}";
        }
    }

    private static string Render(ChatTemplate template, JsonElement line)
    {
        JsonElement tools = line.GetProperty("tools");
        JsonElement arguments = line.GetProperty("kwargs");
        ChatTemplateOptions options = new()
        {
            AddGenerationPrompt = arguments.GetProperty("add_generation_prompt").GetBoolean(),
            ToolsJson = tools.ValueKind == JsonValueKind.Null ? null : tools.GetRawText(),
            Variables = arguments.EnumerateObject().Where(pair => pair.Name != "add_generation_prompt")
                .ToDictionary(pair => pair.Name, pair => (object?)pair.Value),
        };
        return template.Render(line.GetProperty("messages").GetRawText(), options);
    }
}
