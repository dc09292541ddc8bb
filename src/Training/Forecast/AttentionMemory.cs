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
    /// <param name="window">How many tokens a token sees in the layer; 0 for all.</param>
    public static long Of(ModelConfig config, BatchRows batch, long compute, int window = 0)
    {
        long rows = batch.InputIds.LongLength, queries = (long)config.HeadCount * config.HeadDim, keys = (long)config.KeyValueHeadCount * config.HeadDim;
        bool grouped = config.KeyValueHeadCount < config.HeadCount, packed = batch.Segments is not null;
        long norms = config.QkNorm ? rows * 2 * (queries + keys) * Fp32 : 0; // before and after normalising
        long query = (rows + JoinedRows(batch, window) + (config.QueryPreAttentionScalar is null ? 0 : rows)) * queries * compute;
        long keyValue = grouped
            ? 2 * SeenRows(batch) * queries * compute // repeated for every head
            : 2 * (rows + JoinedSeenRows(batch)) * keys * compute;
        long output = ((packed ? 2 : 1) * rows + Sequences(batch).Sum(s => RunsPrefixAgain(s.Prefix, s.Own, window) ? s.Prefix : 0)) * queries * compute
            + rows * config.HeadCount * Fp32; // per sequence, then joined
        return norms + query + keyValue + output;
    }

    /// <summary>The masks of sequences that look at their prefix through one; all layers use the same.</summary>
    public static long Biases(BatchRows batch, long compute) =>
        Sequences(batch).Where(s => PackedLayout.Masked(s.Prefix, s.Own)).Distinct().Sum(s => s.Own * (s.Prefix + s.Own)) * compute;

    /// <summary>The masks of sequences that are longer than a window, which all layers with it use.</summary>
    public static long WindowBiases(BatchRows batch, long compute, int window)
    {
        if (window == 0)
            return 0;
        if (batch.Segments is null)
            return batch.PaddedLength > window ? batch.PaddedLength * batch.PaddedLength * compute : 0;
        return Sequences(batch).Where(s => s.Prefix + s.Own > window).Select(s => (s.Prefix, s.Own)).Distinct().Sum(s => s.Own * (s.Prefix + s.Own)) * compute;
    }

    /// <summary>Rows of queries that lie in several segments and are copied together.</summary>
    private static long JoinedRows(BatchRows batch, int window) =>
        Sequences(batch).Sum(s => s.Segments > 1 ? s.Own : RunsPrefixAgain(s.Prefix, s.Own, window) ? s.Prefix + s.Own : 0);

    private static bool RunsPrefixAgain(long prefix, long own, int window) => prefix > 0 && !PackedLayout.Masked(prefix, own)
        && (window == 0 || prefix + own <= window);

    /// <summary>Rows that all sequences see, prefixes once for each.</summary>
    private static long SeenRows(BatchRows batch) => batch.Segments is null ? batch.InputIds.LongLength : Sequences(batch).Sum(s => s.Prefix + s.Own);

    private static long JoinedSeenRows(BatchRows batch) => Sequences(batch).Where(s => s.Segments > 1 || s.Prefix > 0).Sum(s => s.Prefix + s.Own);

    private static IEnumerable<(long Prefix, long Own, int Segments)> Sequences(BatchRows batch)
    {
        foreach (PackedSequence sequence in batch.Sequences)
        {
            yield return (sequence.Prefix < 0 ? 0 : batch.Segments![sequence.Prefix], batch.Segments.AsSpan(sequence.First, sequence.Count).ToArray().Sum(),
                sequence.Count);
        }
    }
}
