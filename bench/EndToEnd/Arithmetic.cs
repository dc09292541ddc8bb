using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>
/// Counts the floating-point operations of passes from lengths alone: two per multiply-add of a matrix product, causal attention by what is seen.
/// </summary>
internal sealed class Arithmetic(ModelConfig config)
{
    private long QueryWidth => (long)config.HeadCount * config.HeadDim;

    private long KeyWidth => (long)config.KeyValueHeadCount * config.HeadDim;

    /// <summary>Of one row through all layers' linear parts.</summary>
    public double PerRow => 2.0 * config.LayerCount * config.HiddenSize * (2 * QueryWidth + 2 * KeyWidth + FeedForwardWidths);

    private long FeedForwardWidths => config.Experts is { } experts ? experts.Count + 3L * experts.PerToken * experts.IntermediateSize
        : 3L * config.IntermediateSize;

    /// <summary>Of one label through the head.</summary>
    public double PerLabel => 2.0 * config.HiddenSize * config.VocabularySize;

    /// <summary>Of the attention of <paramref name="own"/> rows that also see a prefix, in all layers: scores and mixture.</summary>
    public double Attention(double prefix, double own) => 4.0 * config.LayerCount * QueryWidth * own * (prefix + (own + 1) / 2);

    /// <summary>One forward pass over a pair, MiniMind's way: both sides padded, the head on every row.</summary>
    public double PaddedPair(int length) => 2 * Sequence(length, length);

    /// <summary>One forward pass over a sequence of its own: so many rows, of which so many labels.</summary>
    public double Sequence(double rows, double labels) => rows * PerRow + labels * PerLabel + Attention(0, rows);

    /// <summary>One forward pass over a pair as the loss needs it: no padding, the shared prefix once, the head where labels count.</summary>
    public double NeededPair(PreferenceExample pair)
    {
        double prefix = pair.SharedPrefix, chosen = pair.Chosen.NeededLength - prefix, rejected = pair.Rejected.NeededLength - prefix;
        return (prefix + chosen + rejected) * PerRow + (pair.Chosen.LossTokens + pair.Rejected.LossTokens) * PerLabel
            + Attention(0, prefix) + Attention(prefix, chosen) + Attention(prefix, rejected);
    }

    /// <summary>The same without sharing the prefix.</summary>
    public double UnsharedPair(PreferenceExample pair) =>
        (pair.Chosen.NeededLength + pair.Rejected.NeededLength) * PerRow + (pair.Chosen.LossTokens + pair.Rejected.LossTokens) * PerLabel
        + Attention(0, pair.Chosen.NeededLength) + Attention(0, pair.Rejected.NeededLength);

    /// <summary>
    /// A training step's passes in units of a forward pass: the policy forward and twice that backward, and the reference forward where it runs.
    /// </summary>
    public static double PassesPerStep(bool liveReference) => liveReference ? 4 : 3;
}
