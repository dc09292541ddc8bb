using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What a request's <see cref="ChatOptions"/> ask for: every one of them acts or is refused by its name.</summary>
/// <param name="Generation">How to pick tokens.</param>
/// <param name="StopSequences">Texts that end the answer.</param>
/// <param name="Instructions">What a system message before all others says; empty for none.</param>
/// <param name="Variables">Further variables of the chat template.</param>
/// <param name="Tools">What the model may call.</param>
/// <param name="MostCalls">The most calls of an answer; 0 where they are left as the text that they are.</param>
/// <param name="ShowsReasoning">Whether reasoning is given out.</param>
internal sealed record ChatRequest(
    GenerationOptions Generation, IReadOnlyList<string> StopSequences, string Instructions, IReadOnlyDictionary<string, object?> Variables,
    IReadOnlyList<AIFunctionDeclaration> Tools, int MostCalls, bool ShowsReasoning)
{
    /// <summary>Reads the options.</summary>
    /// <param name="options">The options, if there are any.</param>
    /// <param name="defaults">What counts where they say nothing.</param>
    /// <param name="client">Whom the request is made of.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="template">The model's chat template.</param>
    /// <param name="probe">What it does with tools.</param>
    /// <exception cref="UnsupportedChatOptionException">They ask for something that this client does not do; the message lists all of it.</exception>
    /// <exception cref="ArgumentException">A value is out of its range; the message lists all of them.</exception>
    public static ChatRequest Read(
        ChatOptions? options, GenerationOptions defaults, IChatClient client, string model, ChatTemplate template, ToolProbe probe)
    {
        if (options is null)
            return new ChatRequest(defaults, [], "", new Dictionary<string, object?>(), [], int.MaxValue, ShowsReasoning: true);
        GenerationOptions basis = Basis(options, client) ?? defaults;
        string[] refused =
        [
            .. Refused(options, model, template), .. RefusedTools(options, probe), .. basis.WithoutTemplate ? RefusedWithoutTemplate(options) : [],
        ];
        if (refused.Length > 0)
        {
            string[] names = [.. refused.Select(refusal => refusal[..refusal.AsSpan().IndexOfAny([' ', ':'])]).Distinct()]; // each begins with its option's
            throw new UnsupportedChatOptionException(names, $"The chat options ask for what this client does not do: {string.Join("; ", refused)}.");
        }
        string[] faults = [.. Faults(options)];
        if (faults.Length > 0)
            throw new ArgumentException($"The chat options are not valid: {string.Join("; ", faults)}.", nameof(options));
        GenerationOptions merged = basis with
        {
            MaxNewTokens = options.MaxOutputTokens ?? basis.MaxNewTokens,
            Temperature = options.Temperature ?? basis.Temperature,
            TopP = options.TopP ?? basis.TopP,
            TopK = options.TopK ?? basis.TopK,
            FrequencyPenalty = options.FrequencyPenalty ?? basis.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? basis.PresencePenalty,
            Seed = options.Seed is { } seed ? unchecked((int)seed) : basis.Seed,
            TopLogProbs = AskedLogProbs(options, out object? asked) ? Whole(asked) : basis.TopLogProbs,
        };
        merged.Validate();
        Dictionary<string, object?> variables = new(options.AdditionalProperties ?? []);
        variables.Remove(GenerationOptions.TopLogProbsProperty);
        bool calls = options.ToolMode is not NoneChatToolMode;
        AIFunctionDeclaration[] tools = calls ? [.. (options.Tools ?? []).Cast<AIFunctionDeclaration>()] : [];
        return new ChatRequest(merged, [.. options.StopSequences ?? []], options.Instructions ?? "", variables, tools,
            !calls ? 0 : options.AllowMultipleToolCalls == false ? 1 : int.MaxValue, options.Reasoning?.Output is not ReasoningOutput.None);
    }

#pragma warning disable MEAI001 // options that may still change are refused by name as long as they are there
    private static IEnumerable<string> Refused(ChatOptions options, string model, ChatTemplate template)
    {
        if (options.ConversationId is { } conversation)
            yield return $"ConversationId '{conversation}': it keeps no conversations, so give all messages with every request and leave it null";
        if (options.ModelId is { } id && id != model)
            yield return $"ModelId '{id}': it has one model, '{model}', so leave it null or give that name";
        if (options.ResponseFormat is not (null or ChatResponseFormatText))
            yield return "ResponseFormat: it cannot promise JSON, so leave it null or say text";
        if (options.Reasoning?.Effort is { } effort)
        {
            yield return $"Reasoning.Effort {effort}: nothing says how this model is made to think more or less, so give the variable of its template in "
                + "AdditionalProperties, such as enable_thinking";
        }
        if (options.Reasoning?.Output is ReasoningOutput.Summary)
            yield return "Reasoning.Output Summary: it gives reasoning as the model wrote it, so say Full or None";
        if (options.AllowBackgroundResponses is true)
            yield return "AllowBackgroundResponses: it answers while it is asked only";
        if (options.ContinuationToken is not null)
            yield return "ContinuationToken: it continues no answers of before";
        bool IsUnknown(string name) => name != GenerationOptions.TopLogProbsProperty && !template.Reads(name);
        foreach (string name in options.AdditionalProperties?.Keys.Where(IsUnknown) ?? [])
            yield return $"AdditionalProperties '{name}': the model's chat template reads no variable of this name, so it would change nothing";
    }
#pragma warning restore MEAI001

    private static IEnumerable<string> RefusedWithoutTemplate(ChatOptions options)
    {
        const string Reason = $"there is no chat template ({nameof(GenerationOptions.WithoutTemplate)}), so it would change nothing";
        if (!string.IsNullOrEmpty(options.Instructions))
            yield return $"Instructions: {Reason}";
        if (options.Tools is { Count: > 0 })
            yield return $"Tools: {Reason}";
        foreach (string name in options.AdditionalProperties?.Keys.Where(name => name != GenerationOptions.TopLogProbsProperty) ?? [])
            yield return $"AdditionalProperties '{name}': {Reason}";
    }

    private static IEnumerable<string> RefusedTools(ChatOptions options, ToolProbe probe)
    {
        string[] names = [.. (options.Tools ?? []).Select(tool => tool?.Name ?? "null")], others = [.. (options.Tools ?? [])
            .Where(tool => tool is not AIFunctionDeclaration).Select(tool => tool is null ? "null" : $"{tool.Name}, which is {tool.GetType().Name}")];
        if (others.Length > 0)
        {
            yield return $"Tools ({string.Join(", ", others)}): it tells the model of functions only, so leave others out";
        }
        else if (names.Length > 0 && !probe.WritesTools)
        {
            yield return $"Tools ({string.Join(", ", names)}): the model's chat template does not tell it of tools, so leave them out";
        }
        else if (names.Length > 0 && !probe.WritesCalls)
        {
            yield return $"Tools ({string.Join(", ", names)}): the model's chat template writes no calls (tool_calls), so nothing says how the model does";
        }
        else if (names.Length > 0 && probe.Format is null)
        {
            yield return $"Tools ({string.Join(", ", names)}): calls are read as JSON objects with name and arguments, and the model's chat template "
                + $"writes them as '{probe.WrittenCall}'";
        }
        if (options.ToolMode is not (null or AutoChatToolMode or NoneChatToolMode))
            yield return "ToolMode: the model writes what it will, so no call can be required; say Auto or None";
        if (options.AllowMultipleToolCalls is { } multiple && probe.Format is null)
            yield return $"AllowMultipleToolCalls {multiple}: the model's chat template shows no calls that can be read, so leave it null";
    }

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
        if (AskedLogProbs(options, out object? asked) && Whole(asked) is null or < 0)
        {
            yield return $"AdditionalProperties '{GenerationOptions.TopLogProbsProperty}' is {asked ?? "null"}; it must be a whole number from 0 on, "
                + "of tokens that are named beside each one of the answer";
        }
        foreach (string twice in (options.Tools ?? []).GroupBy(tool => tool.Name).Where(tools => tools.Count() > 1).Select(tools => tools.Key))
            yield return $"Tools has '{twice}' more than once, so that a call of it would be of any";
        for (int i = 0; i < (options.StopSequences?.Count ?? 0); i++)
        {
            if (string.IsNullOrEmpty(options.StopSequences![i]))
                yield return $"StopSequences[{i}] is empty, so that it would end every answer at once";
        }
    }

    private static bool AskedLogProbs(ChatOptions options, out object? asked)
    {
        asked = null;
        return options.AdditionalProperties?.TryGetValue(GenerationOptions.TopLogProbsProperty, out asked) == true;
    }

    private static int? Whole(object? value) => value switch
    {
        int number => number,
        long number and >= 0 and <= int.MaxValue => (int)number,
        JsonElement { ValueKind: JsonValueKind.Number } json when json.TryGetInt32(out int number) => number,
        _ => null,
    };

    /// <summary>What the raw options say, in place of the client's defaults.</summary>
    private static GenerationOptions? Basis(ChatOptions options, IChatClient client) => options.RawRepresentationFactory?.Invoke(client) switch
    {
        null => null,
        GenerationOptions generation => generation,
        var other => throw new NotSupportedException(
            $"The chat options' RawRepresentationFactory gave {other.GetType().Name}; this client's own options are {nameof(GenerationOptions)}."),
    };
}
