namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Two texts that are nearly the same.</summary>
/// <param name="Line">The later one's line.</param>
/// <param name="Earlier">The earlier one's, or that of the training data.</param>
/// <param name="Similarity">The Jaccard similarity, of the least similar part.</param>
internal readonly record struct Resemblance(long Line, long Earlier, double Similarity);
