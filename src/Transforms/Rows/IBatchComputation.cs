namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>What a step computes when many rows at a time are cheaper than one by one.</summary>
/// <remarks>Implementations are safe for several cursors on several threads; what belongs to one cursor lives in its <see cref="IRowBatch"/>.</remarks>
internal interface IBatchComputation
{
    /// <summary>The columns that are read.</summary>
    IReadOnlyList<InputColumn> Inputs { get; }

    /// <summary>The columns that are added.</summary>
    IReadOnlyList<OutputColumn> Outputs { get; }

    /// <summary>The most rows that are computed together.</summary>
    int BatchSize { get; }

    /// <summary>Which outputs are there in the results of a batch for the active ones; at least these.</summary>
    /// <param name="isActive">One entry per output.</param>
    IReadOnlyList<bool> Known(IReadOnlyList<bool> isActive);

    /// <summary>Makes an empty batch that collects its rows from a live row.</summary>
    /// <param name="row">The inputs; only those are active that an active output is computed from.</param>
    /// <param name="isActive">One entry per output.</param>
    IRowBatch CreateBatch(InputRow row, IReadOnlyList<bool> isActive);
}
