using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>Finds out what a chat template writes around answers, by rendering conversations whose contents are recognizable, and proves what it
/// found.</summary>
/// <remarks>
/// The opener is what the generation prompt and the text before an answer share, in every place where an answer can stand; for a template without a
/// generation prompt, or where that does not lead to right masks, it is what stands between the contents. It ends before a think block. Where the template has
/// generation marks, these decide.
/// </remarks>
internal sealed class TurnMarkerFinder(HuggingFaceTokenizer tokenizer, ConversationRenderer template, Func<string?>? refusal = null)
{
    /// <summary>Finds the markers.</summary>
    /// <exception cref="ArgumentException">The template shows no answer, or nothing around it, or the markers do not lead to its answers.</exception>
    public TurnMarkers Find() => Find(out MaskFault? fault) is { } markers && fault is null ? markers : throw Refused(fault!);

    /// <summary>Finds the markers, also where they are not proven: for a model that was saved when nothing was.</summary>
    /// <exception cref="ArgumentException">The template shows no answer, or nothing around it.</exception>
    public TurnMarkers FindUnproven() => Find(out MaskFault? fault) ?? throw Refused(fault!);

    private ArgumentException Refused(MaskFault fault) =>
        new(refusal?.Invoke() is { } reason ? $"{fault.Sentence} A user's message and its answer are refused by the template itself: {reason}"
            : fault.Sentence);

    private TurnMarkers? Find(out MaskFault? fault)
    {
        ProbedConversation[] plain = [.. ProbeSet.Plain.Select(Render).OfType<ProbedConversation>()];
        int[] prompt = Prompt(out int[] header);
        TurnMarkers? first = null;
        fault = null;
        foreach ((int[]? tried, bool opensUsually) in prompt.Length > 0 ? ((int[]?, bool)[])[(prompt, false), (null, false), (prompt, true), (null, true)]
            : [(null, false), (null, true)])
        {
            ResponseBounds bounds = new(plain, tried, header, tokenizer);
            TurnMarkers? markers = new TurnMarkerCollector(plain, bounds, opensUsually, tokenizer).Collect(out string? missing);
            MaskFault? found = markers is null ? MaskFault.Because(missing!)
                : new MaskProof(bounds, plain, Render, tokenizer).FaultOf(new ResponseSpanRule(tokenizer, markers));
            first ??= markers;
            if (found is null)
            {
                fault = null;
                return markers;
            }
            fault ??= found;
        }
        return first;
    }

    private ProbedConversation? Render(Probe probe) => ProbedConversation.Render(probe, tokenizer, template);

    /// <summary>What asks for an answer behind a user's message; empty where the template does not, or writes it anyway.</summary>
    /// <param name="header">What of it is written only then.</param>
    private int[] Prompt(out int[] header)
    {
        header = [];
        if (Render(new Probe("u", AddGenerationPrompt: true)) is not { Messages: [var asking] } prompted)
            return [];
        int[] prompt = prompted.Symbols[asking.End..];
        if (Render(new Probe("u")) is not { Messages: [var alone] } plain)
            return prompt;
        ReadOnlySpan<int> unasked = plain.Symbols.AsSpan(alone.End);
        header = prompt[prompt.AsSpan().CommonPrefixLength(unasked)..];
        return header.Length == 0 ? [] : prompt;
    }
}
