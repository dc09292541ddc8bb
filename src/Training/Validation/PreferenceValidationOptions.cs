using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>How held-out pairs are measured.</summary>
/// <param name="Objective">The loss.</param>
/// <param name="BatchSize">Pairs in one forward pass at most.</param>
/// <param name="RowBudget">Rows in one forward pass at most; 0 for no limit.</param>
/// <param name="KlPairs">Pairs on whose responses the KL divergence is estimated; 0 for no estimate.</param>
/// <param name="Mode">The element type of matrix products, training's.</param>
/// <param name="LogitsBudget">The most elements that logits may have at once.</param>
internal sealed record PreferenceValidationOptions(
    PreferenceObjective Objective, int BatchSize, long RowBudget, int KlPairs, ComputeMode Mode, long LogitsBudget)
{
    /// <summary>
    /// Cuts the pairs into forward passes, in order; those on which the divergence is estimated have passes of their own, so that they are the same pairs with
    /// any batch size.
    /// </summary>
    public IReadOnlyList<int[]> Groups(IReadOnlyList<PreferenceExample> pairs)
    {
        IEnumerable<int[]> Cut(int first, int count) =>
            RowGroups.Of(count, group => group.Sum(i => Rows(pairs[first + i])), BatchSize, RowBudget).Select(group => Array.ConvertAll(group, i => first + i));
        int diverging = Math.Min(KlPairs, pairs.Count);
        return [.. Cut(0, diverging), .. Cut(diverging, pairs.Count - diverging)];
    }

    private static long Rows(PreferenceExample pair) => (long)pair.Chosen.NeededLength + pair.Rejected.NeededLength - pair.SharedPrefix;
}
