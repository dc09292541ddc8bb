using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>A chat template with what it is rendered with, as it is saved.</summary>
internal sealed record TemplateSettings
{
    /// <summary>The template's source.</summary>
    public required string Source { get; init; }

    /// <summary>The special tokens that the template can name.</summary>
    public required IReadOnlyDictionary<string, string> SpecialTokens { get; init; }

    /// <summary>Further variables of the template.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Variables { get; init; }

    /// <summary>Tools for conversations that bring none of their own.</summary>
    public required string? ToolsJson { get; init; }

    /// <summary>Whether texts end with the beginning of an answer.</summary>
    public required bool AddGenerationPrompt { get; init; }

    /// <summary>The time that the template sees: that of the step's making, so that a text is the same whenever it is rendered.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The settings for a template and its options.</summary>
    public static TemplateSettings From(ChatTemplate template, ChatTemplateOptions options) => new()
    {
        Source = template.Source,
        SpecialTokens = template.SpecialTokens,
        Variables = options.Variables?.ToDictionary(pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value)) ?? [],
        ToolsJson = options.ToolsJson,
        AddGenerationPrompt = options.AddGenerationPrompt,
        Now = options.TimeProvider.GetLocalNow(),
    };

    /// <summary>The template.</summary>
    public ChatTemplate Parse() => ChatTemplate.Parse(Source, SpecialTokens);

    /// <summary>What it is rendered with.</summary>
    /// <param name="toolsJson">A conversation's own tools, or <see langword="null"/>.</param>
    /// <param name="addGenerationPrompt">Whether the text ends with the beginning of an answer; <see langword="null"/> as it was set.</param>
    public ChatTemplateOptions Options(string? toolsJson = null, bool? addGenerationPrompt = null) => new()
    {
        Variables = Variables.ToDictionary(pair => pair.Key, object? (pair) => pair.Value),
        ToolsJson = toolsJson ?? ToolsJson,
        AddGenerationPrompt = addGenerationPrompt ?? AddGenerationPrompt,
        TimeProvider = new FixedClock(Now),
    };
}
