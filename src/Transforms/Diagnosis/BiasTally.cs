namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Counts how lengths and forms of answers go with their labels.</summary>
/// <param name="mostLines">How many lines to hold of each.</param>
internal sealed class BiasTally(int mostLines)
{
    private const double LeastCoverage = 0.05; // of the pairs, for a word or a property to matter
    private readonly ResponseTally[] _forms = [.. AnswerFormat.Names.Select(_ => new ResponseTally(mostLines))];
    private readonly ResponseTally _length = new(mostLines);
    private readonly int[] _ofChosen = new int[AnswerFormat.Names.Count], _ofRejected = new int[AnswerFormat.Names.Count];
    private readonly PhraseTally _phrases = new(mostLines);
    private readonly List<int> _differences = [];
    private long _chosenLength, _rejectedLength;

    private long Pairs => _differences.Count;

    /// <summary>Counts a pair.</summary>
    public void Add(DiagnosedPair pair)
    {
        _differences.Add(pair.Chosen.Length - pair.Rejected.Length);
        _length.Add(pair.Chosen.Length, pair.Rejected.Length, pair.Line);
        (_chosenLength, _rejectedLength) = (_chosenLength + pair.Chosen.Length, _rejectedLength + pair.Rejected.Length);
        AnswerFormat.Measure(pair.Chosen, _ofChosen);
        AnswerFormat.Measure(pair.Rejected, _ofRejected);
        for (int i = 0; i < _forms.Length; i++)
            _forms[i].Add(_ofChosen[i], _ofRejected[i], pair.Line);
        _phrases.Add(pair);
    }

    /// <summary>What the lengths say.</summary>
    public LengthBias Length()
    {
        int[] sorted = [.. _differences.Order()];
        double count = Math.Max(1, Pairs);
        double median = sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + (double)sorted[sorted.Length / 2]) / 2;
        return new LengthBias(Pairs, _length.Chosen, _length.Rejected, _chosenLength / count, _rejectedLength / count, median) { Lines = _length.Lines };
    }

    /// <summary>What the forms say: all properties, and phrases that tell the label.</summary>
    /// <param name="limit">The accuracy from which on a phrase is told.</param>
    public IReadOnlyList<FormatBias> Formats(double limit)
    {
        FormatBias[] properties =
        [
            .. AnswerFormat.Names.Select((name, i) => new FormatBias(name, Pairs, _forms[i].Chosen, _forms[i].Rejected) { Lines = _forms[i].Lines }),
        ];
        FormatBias[] phrases = [.. _phrases.Frequent(Pairs, LeastCoverage).Where(phrase => Tells(phrase, limit))];
        // of phrases that hold one another, such as "sure," and "sure, here is", the one that more answers have
        return [.. properties, .. phrases.Where((phrase, i) => !phrases.Take(i).Any(earlier => Holds(earlier, phrase)))];
    }

    /// <summary>Whether a property tells the label in more than a limit of the pairs that differ in it, beyond chance, and enough pairs do.</summary>
    public static bool Tells(FormatBias bias, double limit) =>
        bias.Coverage >= LeastCoverage && ShareInterval.Of(bias.Accuracy, bias.Differing, ShareInterval.Certain).Lower > limit;

    /// <summary>Whether the length does.</summary>
    public static bool Tells(LengthBias bias, double limit) => ShareInterval.Of(bias.Accuracy, bias.Pairs, ShareInterval.Certain).Lower > limit;

    private static bool Holds(FormatBias one, FormatBias other)
    {
        string Words(FormatBias bias) => bias.Feature[(bias.Feature.IndexOf('"') + 1)..^1];
        return one.Feature[0] == other.Feature[0]
            && (Words(one).Contains(Words(other), StringComparison.Ordinal) || Words(other).Contains(Words(one), StringComparison.Ordinal));
    }
}
