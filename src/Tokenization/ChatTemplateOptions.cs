namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What a chat template is rendered with besides the messages.</summary>
public sealed class ChatTemplateOptions
{
    internal static readonly ChatTemplateOptions Default = new();

    /// <summary>Whether the text ends with the beginning of an answer, for a model to go on from; by default it does not.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>The tools that the model may call, as a JSON array of their descriptions; null, the default, for none.</summary>
    public string? ToolsJson { get; init; }

    /// <summary>
    /// Further variables of the template, such as <c>enable_thinking</c>; they come before special tokens of the same name.
    /// A value is null, a <see cref="bool"/>, a number, a <see cref="string"/>, a <see cref="System.Text.Json.JsonElement"/>, a dictionary with strings as
    /// keys, or a list of these.
    /// </summary>
    public IReadOnlyDictionary<string, object?>? Variables { get; init; }

    /// <summary>The clock that <c>strftime_now</c> reads, in its local time zone; by default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
