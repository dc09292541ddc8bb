using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking.Field;

/// <summary>
/// Tries all chat templates of a folder, such as those that other projects ship: <c>MINIMIND_CHAT_TEMPLATES=folder:folder dotnet test --filter
/// PublicTemplateTests</c>.
/// Every one is masked right, or refused.
/// </summary>
public sealed class PublicTemplateTests(ITestOutputHelper output)
{
    private const string Variable = "MINIMIND_CHAT_TEMPLATES";

    [SkippableFact]
    public void Mask_TemplatesOfFolders_AreMaskedRightOrRefused()
    {
        string? folders = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrEmpty(folders), $"{Variable} names no folders with .jinja files");
        JsonNode tokenizer = JsonNode.Parse(File.ReadAllText(Path.Combine(TestFiles.Shared("fetched", "minimind-tokenizer"), "tokenizer.json")))!;
        List<string> wrong = new();
        foreach (string folder in folders!.Split(Path.PathSeparator))
        {
            int right = 0, refused = 0;
            foreach (string path in Directory.GetFiles(folder, "*.jinja").Order(StringComparer.Ordinal))
            {
                string name = Path.GetFileNameWithoutExtension(path);
                TemplateTrial trial = new(File.ReadAllText(path), tokenizer);
                try
                {
                    string[] faults = [.. FaultsOf(trial)];
                    if (faults.Length == 0)
                        right++;
                    else
                        wrong.Add($"{name}: {faults.Length} conversations, such as {faults[0]}");
                    if (faults.Length == 0)
                        output.WriteLine($"right    {name}");
                }
                catch (ArgumentException refusal)
                {
                    refused++;
                    output.WriteLine($"refused  {name}: {refusal.Message}");
                }
            }
            output.WriteLine($"{folder}: {right} masked right, {refused} refused");
        }
        wrong.Should().BeEmpty();
    }

    private static IEnumerable<string> FaultsOf(TemplateTrial trial)
    {
        ResponseSpanRule rule = trial.Rule();
        (TrialKind Kind, RenderedChat Text)[] usual = [.. TrialKind.Usual.Select(kind => (kind, text: trial.Render(kind)))
            .Where(one => one.text is { Text.Length: > 0 }).Select(one => (one.kind, one.text!))];
        // where a tool's message is not written, or as the assistant's own, there is nothing to tell apart
        (TrialKind Kind, RenderedChat Text)[] calls = [.. TrialKind.ToolCalls.Select(kind => (kind, text: trial.Render(kind)))
            .Where(one => one.text is { } text && text.Text.Contains("Zqt1", StringComparison.Ordinal) && text.Text.Contains("Zqc1", StringComparison.Ordinal))
                .Select(one => (one.kind, one.text!))];
        bool hasMarks = usual.Any(one => one.Text.GenerationSpans.Count > 0);
        foreach ((TrialKind kind, RenderedChat text) in usual.Concat(calls))
        {
            if (trial.FaultOf(rule, text, hasMarks) is { } fault)
                yield return $"{kind.Name}: {fault}";
        }
    }
}
