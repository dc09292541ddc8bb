using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>Sequences of different lengths for one attention over all of them: where each begins among the queries and among the keys.</summary>
/// <remarks>
/// A sequence's own rows ask; its prefix's and its own answer, the last own row seeing all of them and each earlier one row less. Where several sequences
/// share a prefix, its keys and values stand in front of each one's own, copied: one kernel does all, where attention over prefix and own rows apart would
/// be two, round twice, and merge by the logarithms of both sums.
/// </remarks>
/// <param name="QueryStarts">Where each sequence's own rows begin among all rows, and at last their number, (S + 1), int32.</param>
/// <param name="KeyStarts">The same among keys, (S + 1), int32.</param>
/// <param name="KeyRows">Which row each key is, (K), int64; <see langword="null"/> where keys are the rows as they stand.</param>
/// <param name="LongestQuery">Own rows of the longest sequence.</param>
/// <param name="LongestKey">Keys of the longest sequence.</param>
internal sealed record VariableLengthPlan(Tensor QueryStarts, Tensor KeyStarts, Tensor? KeyRows, long LongestQuery, long LongestKey)
{
    /// <summary>Lays out sequences whose own rows follow each other without gaps.</summary>
    /// <param name="own">Own rows of each sequence; at least one.</param>
    /// <param name="prefixes">Where each sequence's prefix begins among all rows, and how long it is: 0 for none.</param>
    /// <param name="device">Where attention runs.</param>
    /// <returns>Tensors in the current scope.</returns>
    public static VariableLengthPlan Of(IReadOnlyList<long> own, IReadOnlyList<(long Start, long Length)> prefixes, Device device)
    {
        int[] queryStarts = new int[own.Count + 1], keyStarts = new int[own.Count + 1];
        List<long> keyRows = [];
        for (int i = 0; i < own.Count; i++)
        {
            (long start, long length) = prefixes[i];
            queryStarts[i + 1] = checked(queryStarts[i] + (int)own[i]);
            keyStarts[i + 1] = checked(keyStarts[i] + (int)(length + own[i]));
            for (long row = 0; row < length; row++)
                keyRows.Add(start + row);
            for (long row = 0; row < own[i]; row++)
                keyRows.Add(queryStarts[i] + row);
        }
        bool copies = keyStarts[^1] != queryStarts[^1];
        Tensor queries = HostCopy.To(tensor(queryStarts), device); // (S + 1)
        return new VariableLengthPlan(
            queries, copies ? HostCopy.To(tensor(keyStarts), device) : queries, copies ? HostCopy.To(tensor(keyRows), device) : null,
            own.Max(), own.Zip(prefixes, (rows, prefix) => rows + prefix.Length).Max());
    }

    /// <summary>The same for a layout, whose tensors live in one scope with its positions.</summary>
    /// <param name="own">Own rows of each sequence; at least one.</param>
    /// <param name="prefixes">Where each sequence's prefix begins among all rows, and how long it is: 0 for none.</param>
    /// <param name="positions">The layout's, on the device where attention runs.</param>
    public static VariableLengthPlan Beside(IReadOnlyList<long> own, IReadOnlyList<(long Start, long Length)> prefixes, Tensor positions)
    {
        using DisposeScope scope = NewDisposeScope(); // TorchSharp loses a tensor that is moved to the scope it is in
        VariableLengthPlan plan = Of(own, prefixes, positions.device);
        plan.QueryStarts.MoveToOtherDisposeScope(positions);
        if (plan.KeyRows is not null)
        {
            plan.KeyStarts.MoveToOtherDisposeScope(positions);
            plan.KeyRows.MoveToOtherDisposeScope(positions);
        }
        return plan;
    }

    /// <summary>Keys or values in the plan's order, (K, heads, D), from those of all rows, (N, heads, D).</summary>
    public Tensor Gather(Tensor rows) => KeyRows is null ? rows : rows.index_select(0, KeyRows); // (K, heads, D)
}
