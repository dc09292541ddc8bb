using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>Further rows of several sequences, one after the other, each of which also sees what its own cache holds.</summary>
/// <remarks>Linear layers see all rows at once; attention runs for each sequence alone.</remarks>
internal sealed class CachedBatchLayout : IAttentionLayout
{
    private readonly IReadOnlyList<CachedLayout> _sequences;
    private readonly long[] _rows;

    /// <summary>Lays out the sequences in order.</summary>
    /// <param name="sequences">At least one; no two have the same cache.</param>
    public CachedBatchLayout(IReadOnlyList<CachedLayout> sequences)
    {
        _sequences = sequences;
        _rows = [.. sequences.Select(sequence => sequence.Positions.shape[0])];
        Positions = cat([.. sequences.Select(sequence => sequence.Positions)]); // (N)
    }

    public Tensor Positions { get; }

    public long PositionsEnd => _sequences.Max(sequence => sequence.PositionsEnd);

    public IReadOnlyList<AttentionSpan>? Spans => null; // most keys lie in the caches

    public Tensor? RowsBeyond(long length)
    {
        Tensor?[] beyond = [.. _sequences.Select(sequence => sequence.RowsBeyond(length))];
        if (beyond.All(rows => rows is null))
            return null;
        return cat([.. beyond.Select((rows, i) => rows ?? zeros_like(_sequences[i].Positions, dtype: ScalarType.Bool))]); // (N)
    }

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, double dropout, int window = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] queries = query.split(_rows), keys = key.split(_rows), values = value.split(_rows);
        Tensor[] mixed = new Tensor[_rows.Length];
        for (int i = 0; i < mixed.Length; i++)
            mixed[i] = _sequences[i].Attend(layer, queries[i], keys[i], values[i], dropout, window); // (T, heads * D)
        return cat(mixed).MoveToOuterDisposeScope(); // (N, heads * D)
    }
}
