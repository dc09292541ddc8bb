using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>The memory of one layer's attention, in bytes.</summary>
internal static class AttentionMemory
{
    private const int Fp32 = sizeof(float);

    /// <summary>What attention leaves for its backward pass.</summary>
    /// <param name="config">The model.</param>
    /// <param name="batch">The rows and the sequences that they form.</param>
    /// <param name="compute">Bytes of an element in matrix products.</param>
    public static long Of(ModelConfig config, BatchRows batch, long compute)
    {
        long rows = batch.InputIds.LongLength, queries = (long)config.HeadCount * config.HeadDim, keys = (long)config.KeyValueHeadCount * config.HeadDim;
        bool grouped = config.KeyValueHeadCount < config.HeadCount, packed = batch.Segments is not null;
        long norms = config.QkNorm ? rows * 2 * (queries + keys) * Fp32 : 0; // before and after normalising
        long query = (rows + JoinedRows(batch)) * queries * compute;
        long keyValue = grouped
            ? 2 * SeenRows(batch) * queries * compute // repeated for every head
            : 2 * (rows + JoinedSeenRows(batch)) * keys * compute;
        // per sequence, then joined
        long output = ((packed ? 2 : 1) * rows + Sequences(batch).Sum(s => RunsPrefixAgain(s.Prefix, s.Own) ? s.Prefix : 0)) * queries * compute +
            rows * config.HeadCount * Fp32;
        return norms + query + keyValue + output;
    }

    /// <summary>The masks of sequences that look at their prefix through one; all layers use the same.</summary>
    public static long Biases(BatchRows batch, long compute) =>
        Sequences(batch).Where(s => PackedLayout.Masked(s.Prefix, s.Own)).Distinct().Sum(s => s.Own * (s.Prefix + s.Own)) * compute;

    /// <summary>Rows of queries that lie in several segments and are copied together.</summary>
    private static long JoinedRows(BatchRows batch) => Sequences(batch)
        .Sum(s => s.Segments > 1 ? s.Own : RunsPrefixAgain(s.Prefix, s.Own) ? s.Prefix + s.Own : 0);

    private static bool RunsPrefixAgain(long prefix, long own) => prefix > 0 && !PackedLayout.Masked(prefix, own);

    /// <summary>Rows that all sequences see, prefixes once for each.</summary>
    private static long SeenRows(BatchRows batch) => batch.Segments is null ? batch.InputIds.LongLength : Sequences(batch).Sum(s => s.Prefix + s.Own);

    private static long JoinedSeenRows(BatchRows batch) => Sequences(batch).Where(s => s.Segments > 1 || s.Prefix > 0).Sum(s => s.Prefix + s.Own);

    private static IEnumerable<(long Prefix, long Own, int Segments)> Sequences(BatchRows batch)
    {
        foreach (PackedSequence sequence in batch.Sequences)
            yield return (sequence.Prefix < 0 ? 0 : batch.Segments![sequence.Prefix], batch.Segments.AsSpan(sequence.First, sequence.Count).ToArray().Sum(),
                sequence.Count);
    }
}
