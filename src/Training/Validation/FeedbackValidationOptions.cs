using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>How held-out answers are run.</summary>
/// <param name="BatchSize">Rows in one forward pass at most.</param>
/// <param name="RowBudget">Tokens in one forward pass at most; 0 for no limit.</param>
/// <param name="KlRows">Rows on whose responses the KL divergence is estimated; 0 for no estimate.</param>
/// <param name="Mode">The element type of matrix products, training's.</param>
/// <param name="LogitsBudget">The most elements that logits may have at once.</param>
internal sealed record FeedbackValidationOptions(int BatchSize, long RowBudget, int KlRows, ComputeMode Mode, long LogitsBudget)
{
    /// <summary>
    /// Cuts rows into forward passes, in order: those on which the divergence is estimated, the other answers, and the mismatched rows behind them, each in
    /// passes of their own.
    /// </summary>
    /// <param name="rows">All rows.</param>
    /// <param name="answers">How many of them are answers.</param>
    public IReadOnlyList<int[]> Groups(IReadOnlyList<Response> rows, int answers)
    {
        IEnumerable<int[]> Cut(int first, int end) =>
            RowGroups.Of(end - first, group => group.Sum(i => (long)rows[first + i].NeededLength), BatchSize, RowBudget)
                .Select(group => Array.ConvertAll(group, i => first + i));
        int diverging = Math.Min(KlRows, answers);
        return [.. Cut(0, diverging), .. Cut(diverging, answers), .. Cut(answers, rows.Count)];
    }
}
