using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>A rendered conversation in symbols, and where its messages' contents and the template's generation marks stand.</summary>
internal sealed class ProbedConversation
{
    private ProbedConversation(Probe probe, SymbolSequence sequence, int[] ids, IReadOnlyList<ProbedMessage> messages, bool[]? marked,
        IReadOnlyList<(int Start, int End)> variables)
    {
        Probe = probe;
        Symbols = sequence.Symbols;
        TokenOf = sequence.TokenOf;
        Ids = ids;
        Messages = messages;
        Marked = marked;
        Variables = variables;
    }

    /// <summary>What was rendered.</summary>
    public Probe Probe { get; }

    /// <summary>The whole text.</summary>
    public int[] Symbols { get; }

    /// <summary>For every symbol the index of its token.</summary>
    public int[] TokenOf { get; }

    /// <summary>The text's tokens.</summary>
    public int[] Ids { get; }

    /// <summary>The messages that the template writes, in the order of the text.</summary>
    public IReadOnlyList<ProbedMessage> Messages { get; }

    /// <summary>For every symbol whether a generation mark holds it; <see langword="null"/> where there are no marks.</summary>
    public bool[]? Marked { get; }

    /// <summary>Where text stands that depends on the conversation but is no content, such as the name of a tool.</summary>
    public IReadOnlyList<(int Start, int End)> Variables { get; }

    /// <summary>Whether the template writes all its answers, at least one, so that nobody's text is an answer that its contents do not show.</summary>
    public bool ShowsAnswers => Messages.Count(message => message.IsAnswer) is var answers and > 0 && answers == Probe.Roles.Count(ProbeMessages.IsAnswer);

    /// <summary>What stands before a message's content, up to the content before.</summary>
    public int[] Before(int message) => Symbols[StartOfGap(message)..Messages[message].Start];

    /// <summary>Where that starts.</summary>
    public int StartOfGap(int message) => message == 0 ? 0 : Messages[message - 1].End;

    /// <summary>What stands behind a message's content, up to the next content or the end of the text.</summary>
    public int[] Behind(int message) => Symbols[Messages[message].End..EndOfGap(message)];

    /// <summary>Where that ends.</summary>
    public int EndOfGap(int message) => IsLast(message) ? Symbols.Length : Messages[message + 1].Start;

    /// <summary>Whether no other content follows.</summary>
    public bool IsLast(int message) => message == Messages.Count - 1;

    /// <summary>The end, in a piece of the text, of the part that may be looked for in other texts: it stops where something depends on the
    /// conversation.</summary>
    public int FixedEnd(int start, int end) => Variables.Where(variable => variable.Start >= start && variable.Start < end).Select(variable => variable.Start)
        .DefaultIfEmpty(end).Min();

    /// <summary>The start of the last part of a piece in which nothing depends on the conversation.</summary>
    public int FixedStart(int start, int end) => Variables.Where(variable => variable.End > start && variable.End <= end).Select(variable => variable.End)
        .DefaultIfEmpty(start).Max();

    /// <summary>Renders a conversation of recognizable contents.</summary>
    /// <returns><see langword="null"/> where the template refuses it, writes nothing, or writes one message within another.</returns>
    public static ProbedConversation? Render(Probe probe, HuggingFaceTokenizer tokenizer, ConversationRenderer template)
    {
        string? tools = probe.HasTools ? ProbeMessages.ToolsJson : null;
        RenderedChat? rendered = template(ProbeMessages.Json(probe, hasTextArguments: false), probe.AddGenerationPrompt, tools);
        if (rendered is null && probe.Roles.AsSpan().ContainsAny('A', 'B'))
            rendered = template(ProbeMessages.Json(probe, hasTextArguments: true), probe.AddGenerationPrompt, tools);
        if (rendered is not { Text.Length: > 0 })
            return null;

        string text = rendered.Text;
        TextPositions positions = new(text, tokenizer);
        List<ProbedMessage> messages = new();
        for (int i = 0; i < probe.Roles.Length; i++)
        {
            List<(int Start, int End)> places = [];
            foreach (string core in ProbeMessages.CoresOf(probe.Roles[i], i))
            {
                int start = text.IndexOf(core, StringComparison.Ordinal);
                // a content that is left out or comes twice tells nothing
                if (start < 0 || start != text.LastIndexOf(core, StringComparison.Ordinal))
                    continue;
                places.Add((start, start + core.Length));
            }
            if (places.Count > 0)
            {
                messages.Add(new ProbedMessage(probe.Roles[i], i, positions.SymbolAt(places.Min(place => place.Start)),
                    positions.SymbolAt(places.Max(place => place.End))));
            }
        }
        messages.Sort((one, other) => one.Start.CompareTo(other.Start));
        // a template may write what a tool gave within the message that called it
        for (int i = 1; i < messages.Count; i++)
        {
            if (messages[i].Start < messages[i - 1].End)
                return null;
        }

        return new ProbedConversation(probe, positions.Sequence, positions.Ids, messages, Marks(rendered, positions), [.. VariablesOf(text, positions)]);
    }

    private static bool[]? Marks(RenderedChat rendered, TextPositions positions)
    {
        if (rendered.GenerationSpans.Count == 0)
            return null;
        bool[] marked = new bool[positions.Sequence.Symbols.Length];
        foreach ((int start, int length) in rendered.GenerationSpans)
        {
            int from = positions.SymbolAt(start);
            marked.AsSpan(from, positions.SymbolAt(start + length) - from).Fill(true);
        }
        return marked;
    }

    private static IEnumerable<(int Start, int End)> VariablesOf(string text, TextPositions positions)
    {
        foreach (string variable in ProbeMessages.Variables)
        {
            for (int at = text.IndexOf(variable, StringComparison.Ordinal); at >= 0; at = text.IndexOf(variable, at + 1, StringComparison.Ordinal))
                yield return (positions.SymbolAt(at), positions.SymbolAt(at + variable.Length));
        }
    }
}
