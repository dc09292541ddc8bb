namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>A pair as the shingles of its parts, each in ascending order.</summary>
internal sealed record ShingledPair(long Line, uint[] Question, uint[] Chosen, uint[] Rejected)
{
    /// <summary>The shingles of a pair.</summary>
    public static ShingledPair Of(DiagnosedPair pair) => new(pair.Line, Shingles.Of(pair.Question), Shingles.Of(pair.Chosen), Shingles.Of(pair.Rejected));

    /// <summary>The similarity of the least similar part: pairs on one prompt that share one answer are not the same pair.</summary>
    public double SimilarityTo(ShingledPair other) => Math.Min(
        Shingles.Similarity(Question, other.Question), Math.Min(Shingles.Similarity(Chosen, other.Chosen), Shingles.Similarity(Rejected, other.Rejected)));
}
