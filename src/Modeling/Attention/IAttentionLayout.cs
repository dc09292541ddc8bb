using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>How the rows of a flat batch of tokens form sequences, and so which rows each of them attends to.</summary>
internal interface IAttentionLayout
{
    /// <summary>Each row's position in its sequence, (N), int64.</summary>
    Tensor Positions { get; }

    /// <summary>One more than the largest position.</summary>
    long PositionsEnd { get; }

    /// <summary>The same in terms of spans; <see langword="null"/> where they cannot tell it.</summary>
    IReadOnlyList<AttentionSpan>? Spans { get; }

    /// <summary>Which rows belong to a sequence longer than a length, or share rows with such a one.</summary>
    /// <param name="length">In tokens.</param>
    /// <returns>(N), booleans, in the current scope; <see langword="null"/> for none.</returns>
    Tensor? RowsBeyond(long length);

    /// <summary>Softmax attention over what each row may see.</summary>
    /// <param name="layer">Index of the decoder layer that asks.</param>
    /// <param name="query">(N, heads, D).</param>
    /// <param name="key">(N, key-value heads, D).</param>
    /// <param name="value">(N, key-value heads, D).</param>
    /// <param name="dropout">Share of attention weights dropped.</param>
    /// <param name="window">How many rows of its sequence, itself the last, each row may see; 0 for all.</param>
    /// <returns>(N, heads * D) in the query's element type.</returns>
    Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, double dropout, int window = 0);
}
