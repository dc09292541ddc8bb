namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>What a row-wise step computes: which columns it reads, which it adds, and how a row's values come about.</summary>
/// <remarks>Implementations are immutable: several cursors on several threads use one at the same time, and each keeps its own state in its getters.</remarks>
internal interface IRowComputation
{
    /// <summary>The columns that are read.</summary>
    IReadOnlyList<InputColumn> Inputs { get; }

    /// <summary>The columns that are added.</summary>
    IReadOnlyList<OutputColumn> Outputs { get; }

    /// <summary>Makes the getters of the active outputs over one row, which moves on to other values later.</summary>
    /// <param name="row">The inputs; only those are active that an active output is computed from.</param>
    /// <param name="isActive">One entry per output.</param>
    /// <returns>One <c>ValueGetter</c> of the output's type per output, <see langword="null"/> for inactive ones.</returns>
    Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive);
}
