namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A step that reads and adds no columns.</summary>
internal sealed class NoComputation : IRowComputation
{
    /// <inheritdoc/>
    public IReadOnlyList<InputColumn> Inputs => [];

    /// <inheritdoc/>
    public IReadOnlyList<OutputColumn> Outputs => [];

    /// <inheritdoc/>
    public Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive) => [];
}
