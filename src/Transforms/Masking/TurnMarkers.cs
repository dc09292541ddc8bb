using System.Text.Json.Serialization;

namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>What a chat template writes around an assistant's answers, in symbols.</summary>
internal sealed class TurnMarkers
{
    private readonly Lazy<int[]> _endTokens;
    private readonly Lazy<int[]> _firstSymbols;

    public TurnMarkers()
    {
        _endTokens = new(() => [.. Ends!.Select(LastMasked).Where(SymbolSequence.IsAdded).Distinct()]);
        _firstSymbols = new(
            () => [.. Openers!.Select(opener => opener.Symbols[0]).Concat(Others!.Select(other => other[0])).Concat(Ends!.Select(end => end.Symbols[0]))
            .Distinct()]);
    }

    /// <summary>What stands between another message's content and an answer.</summary>
    public required IReadOnlyList<TurnOpening> Openers { get; init; }

    /// <summary>What stands before an answer that comes first, at the start of the text only.</summary>
    public required IReadOnlyList<TurnOpening> FirstOpeners { get; init; }

    /// <summary>What stands before other messages and has an opener in it.</summary>
    public required IReadOnlyList<int[]> Others { get; init; }

    /// <summary>What stands before another message that comes first, at the start of the text only, and starts with an opener.</summary>
    public required IReadOnlyList<int[]> FirstOthers { get; init; }

    /// <summary>What stands behind an answer.</summary>
    public required IReadOnlyList<TurnEnd> Ends { get; init; }

    /// <summary>Whether the template writes nothing behind an answer that comes last.</summary>
    public required bool LeavesLastAnswerOpen { get; init; }

    /// <summary>Added tokens that a text can start with; one that starts otherwise has lost its beginning. Empty where that cannot be told.</summary>
    public required IReadOnlyList<int> Starts { get; init; }

    /// <summary>The tokens that end an answer.</summary>
    [JsonIgnore]
    public int[] EndTokens => _endTokens.Value;

    /// <summary>What an opener between messages or an end can start with.</summary>
    [JsonIgnore]
    public int[] FirstSymbols => _firstSymbols.Value;

    /// <summary>Whether every text has symbols, and a mask where it needs one; what is read from a file may not.</summary>
    [JsonIgnore]
    public bool IsSound =>
        Openers.Count > 0 && Openers.Concat(FirstOpeners)
            .All(opening => opening is { Symbols.Length: > 0 } && opening.Masked?.Length == opening.Symbols.Length) &&
        Others.Concat(FirstOthers).All(other => other is { Length: > 0 }) &&
        Ends.All(end => end is { Symbols.Length: > 0 } && end.Masked?.Length == end.Symbols.Length);

    private static int LastMasked(TurnEnd end) => Array.LastIndexOf(end.Masked, true) is var last and >= 0 ? end.Symbols[last] : -1;
}
