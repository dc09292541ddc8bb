namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>Computes batch-wise outputs for single rows, as a prediction engine asks for them.</summary>
internal sealed class BatchOfOne(IBatchComputation computation) : IRowComputation
{
    /// <inheritdoc/>
    public IReadOnlyList<InputColumn> Inputs => computation.Inputs;

    /// <inheritdoc/>
    public IReadOnlyList<OutputColumn> Outputs => computation.Outputs;

    /// <inheritdoc/>
    public Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive)
    {
        IRowBatch batch = computation.CreateBatch(row, isActive);
        RowPlace place = new(row.Once(() =>
        {
            batch.Clear();
            batch.Add();
            batch.Compute();
            return 0;
        }));
        return [.. isActive.Select((active, output) => active ? batch.CreateGetter(output, place) : null)];
    }
}
