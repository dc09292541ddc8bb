namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>What shapes have found in a row: what stands before the answers, and the pairs of answers.</summary>
internal sealed class PairDraft
{
    private readonly List<(SourceValue Chosen, SourceValue Rejected)> _pairs = [];

    /// <summary>The prompt; null where the row has none beside the answers.</summary>
    public SourceValue? Prompt { get; set; }

    /// <summary>The JSON of the tools that the row lists beside its conversations; null for none.</summary>
    public string? ToolsJson { get; set; }

    /// <summary>The pairs, the better side first.</summary>
    public IReadOnlyList<(SourceValue Chosen, SourceValue Rejected)> Pairs => _pairs;

    /// <summary>How many pairs of answers were left out because neither is better.</summary>
    public int Ties { get; private set; }

    /// <summary>Whether a side begins with a message that speaks to the model, so that the sides hold their prompt.</summary>
    public bool SidesAreWhole => _pairs.Any(pair => pair.Chosen.IsWhole || pair.Rejected.IsWhole);

    /// <summary>Whether nothing but the text of the answers could hold a prompt.</summary>
    public bool IsBare => Prompt is null && _pairs.Count > 0 && _pairs.All(pair => pair is { Chosen.Text: not null, Rejected.Text: not null });

    /// <summary>Adds a pair.</summary>
    public void Add(SourceValue better, SourceValue worse) => _pairs.Add((better, worse));

    /// <summary>Counts a pair of answers of which neither is better.</summary>
    public void AddTie() => Ties++;

    /// <summary>Changes every side of the pairs.</summary>
    public void Change(Func<SourceValue, SourceValue> side)
    {
        for (int i = 0; i < _pairs.Count; i++)
            _pairs[i] = (side(_pairs[i].Chosen), side(_pairs[i].Rejected));
    }
}
