using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What a request's <see cref="ChatOptions"/> ask for: every one of them acts or is refused by its name.</summary>
/// <param name="Generation">How to pick tokens.</param>
/// <param name="StopSequences">Texts that end the answer.</param>
/// <param name="Instructions">What a system message before all others says; empty for none.</param>
/// <param name="Variables">Further variables of the chat template.</param>
internal sealed record ChatRequest(
    GenerationOptions Generation, IReadOnlyList<string> StopSequences, string Instructions, IReadOnlyDictionary<string, object?> Variables)
{
    /// <summary>Reads the options.</summary>
    /// <param name="options">The options, if there are any.</param>
    /// <param name="defaults">What counts where they say nothing.</param>
    /// <param name="client">Whom the request is made of.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="template">The model's chat template.</param>
    /// <exception cref="NotSupportedException">They ask for something that this client does not do; the message lists all of it.</exception>
    /// <exception cref="ArgumentException">A value is out of its range; the message lists all of them.</exception>
    public static ChatRequest Read(ChatOptions? options, GenerationOptions defaults, IChatClient client, string model, ChatTemplate template)
    {
        if (options is null)
            return new ChatRequest(defaults, [], "", new Dictionary<string, object?>());
        string[] refused = [.. Refused(options, model, template)];
        if (refused.Length > 0)
            throw new NotSupportedException($"The chat options ask for what this client does not do: {string.Join("; ", refused)}.");
        string[] faults = [.. Faults(options)];
        if (faults.Length > 0)
            throw new ArgumentException($"The chat options are not valid: {string.Join("; ", faults)}.", nameof(options));
        GenerationOptions basis = Basis(options, client) ?? defaults;
        GenerationOptions merged = basis with
        {
            MaxNewTokens = options.MaxOutputTokens ?? basis.MaxNewTokens,
            Temperature = options.Temperature ?? basis.Temperature,
            TopP = options.TopP ?? basis.TopP,
            TopK = options.TopK ?? basis.TopK,
            FrequencyPenalty = options.FrequencyPenalty ?? basis.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? basis.PresencePenalty,
            Seed = options.Seed is { } seed ? unchecked((int)seed) : basis.Seed,
        };
        merged.Validate();
        Dictionary<string, object?> variables = new(options.AdditionalProperties ?? []);
        return new ChatRequest(merged, [.. options.StopSequences ?? []], options.Instructions ?? "", variables);
    }

#pragma warning disable MEAI001 // options that may still change are refused by name as long as they are there
    private static IEnumerable<string> Refused(ChatOptions options, string model, ChatTemplate template)
    {
        if (options.ConversationId is { } conversation)
            yield return $"ConversationId '{conversation}': it keeps no conversations, so give all messages with every request and leave it null";
        if (options.ModelId is { } id && id != model)
            yield return $"ModelId '{id}': it has one model, '{model}', so leave it null or give that name";
        if (options.Tools is { Count: > 0 } tools)
            yield return $"Tools ({string.Join(", ", tools.Select(tool => tool?.Name ?? "null"))}): it calls none, so leave them out";
        if (options.ToolMode is not (null or AutoChatToolMode or NoneChatToolMode))
            yield return "ToolMode: it calls no tools, so none can be required";
        if (options.AllowMultipleToolCalls is { } multiple)
            yield return $"AllowMultipleToolCalls {multiple}: it calls no tools, so leave it null";
        if (options.ResponseFormat is not (null or ChatResponseFormatText))
            yield return "ResponseFormat: it cannot promise JSON, so leave it null or say text";
        if (options.Reasoning is { } reasoning && (reasoning.Effort is not null || reasoning.Output is not null))
            yield return "Reasoning: nothing says what it means here, so give the template's variable in AdditionalProperties, such as enable_thinking";
        if (options.AllowBackgroundResponses is true)
            yield return "AllowBackgroundResponses: it answers while it is asked only";
        if (options.ContinuationToken is not null)
            yield return "ContinuationToken: it continues no answers of before";
        foreach (string name in options.AdditionalProperties?.Keys.Where(name => !template.Reads(name)) ?? [])
            yield return $"AdditionalProperties '{name}': the model's chat template reads no variable of this name, so it would change nothing";
    }
#pragma warning restore MEAI001

    private static IEnumerable<string> Faults(ChatOptions options)
    {
        if (options.MaxOutputTokens is { } most and < 1)
            yield return $"MaxOutputTokens is {most}; it must be at least 1";
        if (options.Temperature is { } heat && !(heat >= 0 && float.IsFinite(heat)))
            yield return $"Temperature is {heat}; it must be 0 or more";
        if (options.TopP is { } topP && !(topP is > 0 and <= 1))
            yield return $"TopP is {topP}; it must be above 0 and at most 1";
        if (options.TopK is { } topK and < 0)
            yield return $"TopK is {topK}; it must be 0 (all tokens) or more";
        if (options.FrequencyPenalty is { } frequency && !float.IsFinite(frequency))
            yield return $"FrequencyPenalty is {frequency}; it must be a number";
        if (options.PresencePenalty is { } presence && !float.IsFinite(presence))
            yield return $"PresencePenalty is {presence}; it must be a number";
        for (int i = 0; i < (options.StopSequences?.Count ?? 0); i++)
        {
            if (string.IsNullOrEmpty(options.StopSequences![i]))
                yield return $"StopSequences[{i}] is empty, so that it would end every answer at once";
        }
    }

    /// <summary>What the raw options say, in place of the client's defaults.</summary>
    private static GenerationOptions? Basis(ChatOptions options, IChatClient client) => options.RawRepresentationFactory?.Invoke(client) switch
    {
        null => null,
        GenerationOptions generation => generation,
        var other => throw new NotSupportedException(
            $"The chat options' RawRepresentationFactory gave {other.GetType().Name}; this client's own options are {nameof(GenerationOptions)}."),
    };
}
