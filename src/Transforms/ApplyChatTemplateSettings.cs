using System.Text.Json;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Everything that decides what a chat template's transformer writes, as it is saved.</summary>
internal sealed record ApplyChatTemplateSettings
{
    /// <summary>The conversations, and the columns of their texts; all of one row belong together.</summary>
    public required ColumnPair[] Columns { get; init; }

    /// <summary>The template's source.</summary>
    public required string Template { get; init; }

    /// <summary>The special tokens that the template can name.</summary>
    public required IReadOnlyDictionary<string, string> SpecialTokens { get; init; }

    /// <summary>Further variables of the template.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Variables { get; init; }

    /// <summary>Tools for conversations that bring none of their own.</summary>
    public required string? ToolsJson { get; init; }

    /// <summary>Whether texts end with the beginning of an answer.</summary>
    public required bool AddGenerationPrompt { get; init; }

    /// <summary>The time that templates see: that of the transformer's making, so that a text is the same whenever it is rendered.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The share of rows that keep empty think blocks.</summary>
    public required double EmptyThinkRatio { get; init; }

    /// <summary>What the choice of these rows depends on, besides their contents.</summary>
    public required int Seed { get; init; }

    /// <summary>The settings for a template and its options.</summary>
    public static ApplyChatTemplateSettings From(ChatTemplate template, ColumnPair[] columns, ChatTemplateOptions options, double emptyThinkRatio, int seed) => new()
    {
        Columns = columns,
        Template = template.Source,
        SpecialTokens = template.SpecialTokens,
        Variables = options.Variables?.ToDictionary(pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value)) ?? [],
        ToolsJson = options.ToolsJson,
        AddGenerationPrompt = options.AddGenerationPrompt,
        Now = options.TimeProvider.GetLocalNow(),
        EmptyThinkRatio = emptyThinkRatio,
        Seed = seed,
    };
}
