namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>What a chat template writes around an assistant's answers, in symbols.</summary>
internal sealed class TurnMarkers
{
    private readonly Lazy<int[]> _endTokens;
    private readonly Lazy<int[]> _firstSymbols;

    public TurnMarkers()
    {
        _endTokens = new(() => [.. Ends!.Where(end => end.Masked > 0).Select(end => end.Symbols[end.Masked - 1]).Where(SymbolSequence.IsAdded).Distinct()]);
        _firstSymbols = new(() => [.. Openers!.Select(opener => opener[0]).Concat(Ends!.Select(end => end.Symbols[0])).Distinct()]);
    }

    /// <summary>What stands between another message's content and an answer; no entry ends with another one.</summary>
    public required IReadOnlyList<int[]> Openers { get; init; }

    /// <summary>What stands before an answer that comes first, at the start of the text only.</summary>
    public required IReadOnlyList<int[]> FirstOpeners { get; init; }

    /// <summary>What stands behind an answer.</summary>
    public required IReadOnlyList<TurnEnd> Ends { get; init; }

    /// <summary>Whether the template writes nothing behind an answer that comes last.</summary>
    public required bool LeavesLastAnswerOpen { get; init; }

    /// <summary>The tokens that end an answer.</summary>
    public int[] EndTokens => _endTokens.Value;

    /// <summary>What an opener between messages or an end can start with.</summary>
    public int[] FirstSymbols => _firstSymbols.Value;

    /// <summary>Added tokens that a text can start with; one that starts otherwise has lost its beginning. Empty where that cannot be told.</summary>
    public required IReadOnlySet<int> Starts { get; init; }
}
