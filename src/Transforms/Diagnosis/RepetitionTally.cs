namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Finds pairs that come again, as they are or with their sides swapped, and prompts that come again. Holds about 150 bytes a pair.</summary>
internal sealed class RepetitionTally
{
    private readonly Dictionary<(UInt128 Chosen, UInt128 Rejected), long> _firstLines = [];
    private readonly Dictionary<UInt128, long> _prompts = [];

    /// <summary>Pairs that repeat an earlier one, and that one's line.</summary>
    public List<(long Line, long Earlier)> Duplicates { get; } = [];

    /// <summary>Pairs that say the contrary of an earlier one, and that one's line.</summary>
    public List<(long Line, long Earlier)> Contradictions { get; } = [];

    /// <summary>Pairs whose sides are the same.</summary>
    public List<long> Identical { get; } = [];

    /// <summary>Pairs whose sides share no prompt.</summary>
    public List<long> WithoutPrompt { get; } = [];

    /// <summary>How many different prompts there are.</summary>
    public long PromptCount => _prompts.Count;

    /// <summary>Takes a pair up.</summary>
    /// <returns>Whether it is the first of its kind, with two different sides.</returns>
    public bool Add(DiagnosedPair pair)
    {
        if (pair.Prompt is null)
            WithoutPrompt.Add(pair.Line);
        else
            _prompts.TryAdd(TextKey.Of(pair.Prompt), pair.Line);
        if (pair.IsIdentical)
            Identical.Add(pair.Line);
        bool isNew = _firstLines.TryAdd((pair.ChosenKey, pair.RejectedKey), pair.Line);
        if (!isNew)
            Duplicates.Add((pair.Line, _firstLines[(pair.ChosenKey, pair.RejectedKey)]));
        if (!pair.IsIdentical && _firstLines.TryGetValue((pair.RejectedKey, pair.ChosenKey), out long earlier))
            Contradictions.Add((pair.Line, earlier));
        return isNew && !pair.IsIdentical;
    }

    /// <summary>The line in which a prompt first stands; null where it does not.</summary>
    public long? LineOf(string prompt) => _prompts.TryGetValue(TextKey.Of(prompt), out long line) ? line : null;
}
