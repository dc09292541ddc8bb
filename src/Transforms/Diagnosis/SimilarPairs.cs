using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>
/// Finds pairs that nearly repeat another one, in prompt, chosen and rejected answer, and held-out prompts that nearly repeat one of the training data:
/// candidates by signatures, which is all that the first pass keeps, and then the exact similarity, for which candidates are read again.
/// </summary>
internal sealed class SimilarPairs(DiagnosisSettings settings)
{
    private readonly MinHash _hash = new(settings.Seed);
    private readonly SimilarityIndex _pairs = new(), _prompts = new();
    private readonly HashSet<UInt128> _questions = [];
    private readonly List<(int Row, int Earlier)> _pairCandidates = [], _promptCandidates = [];
    private readonly List<uint> _shingles = [];

    /// <summary>Takes a pair of the training data up, which repeats none exactly.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="row">Its row, counted from 0.</param>
    /// <param name="withPrompts">Whether held-out prompts are to be compared.</param>
    public void AddTraining(DiagnosedPair pair, int row, bool withPrompts)
    {
        _shingles.Clear();
        Shingles.Append(pair.Question, 1, _shingles);
        Shingles.Append(pair.Chosen, 2, _shingles);
        Shingles.Append(pair.Rejected, 3, _shingles);
        ulong[] bands = _hash.Bands(CollectionsMarshal.AsSpan(_shingles));
        _pairCandidates.AddRange(_pairs.Candidates(bands).Select(earlier => (row, earlier)));
        _pairs.Add(row, bands);
        if (withPrompts && _questions.Add(TextKey.Of(pair.Question)))
            _prompts.Add(row, PromptBands(pair));
    }

    /// <summary>Compares the prompt of a held-out pair, which is none of the training data's.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="row">Its row in the held-out data, counted from 0.</param>
    public void AddHeldOut(DiagnosedPair pair, int row) => _promptCandidates.AddRange(_prompts.Candidates(PromptBands(pair)).Select(earlier => (row, earlier)));

    /// <summary>Reads the candidates again and compares them.</summary>
    /// <returns>Each later pair with the first that it resembles enough.</returns>
    public (IReadOnlyList<Resemblance> Pairs, IReadOnlyList<Resemblance> Prompts) Compare(PairSource training, PairSource? heldOut)
    {
        Dictionary<int, ShingledPair> of =
            Shingled(training, [.. _pairCandidates.SelectMany(pair => new[] { pair.Row, pair.Earlier }), .. _promptCandidates.Select(pair => pair.Earlier)]);
        Dictionary<int, ShingledPair> ofHeldOut = heldOut is null ? [] : Shingled(heldOut, [.. _promptCandidates.Select(pair => pair.Row)]);
        return (Similar(_pairCandidates, of, of, (one, other) => one.SimilarityTo(other)),
            Similar(_promptCandidates, ofHeldOut, of, (one, other) => Shingles.Similarity(one.Question, other.Question)));
    }

    private Resemblance[] Similar(
        IEnumerable<(int Row, int Earlier)> candidates, Dictionary<int, ShingledPair> of, Dictionary<int, ShingledPair> ofEarlier, Func<ShingledPair,
            ShingledPair, double> similarity) =>
    [
        .. candidates.Select(pair => new Resemblance(of[pair.Row].Line, ofEarlier[pair.Earlier].Line, similarity(of[pair.Row], ofEarlier[pair.Earlier])))
            .Zip(candidates, (resemblance, pair) => (resemblance, pair.Row)).Where(found => found.resemblance.Similarity >= settings.Similarity)
            .DistinctBy(found => found.Row).Select(found => found.resemblance),
    ];

    private ulong[] PromptBands(DiagnosedPair pair)
    {
        _shingles.Clear();
        Shingles.Append(pair.Question, 1, _shingles);
        return _hash.Bands(CollectionsMarshal.AsSpan(_shingles));
    }

    private static Dictionary<int, ShingledPair> Shingled(PairSource source, HashSet<int> rows)
    {
        if (rows.Count == 0)
            return [];
        int[] sorted = [.. rows.Order()];
        return source.Read(row => rows.Contains((int)row)).Zip(sorted).ToDictionary(read => read.Second, read => ShingledPair.Of(read.First));
    }
}
