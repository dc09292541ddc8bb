using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>How a task lays out and computes its batches.</summary>
/// <param name="Shape">Padded or packed.</param>
/// <param name="HeadOnResponseOnly">Whether the head runs only on rows whose label counts.</param>
/// <param name="MaximumLength">Row length of <see cref="BatchShape.PaddedToMaximum"/>.</param>
/// <param name="Padding">The id that fills padded rows.</param>
/// <param name="BalanceRealTokensOnly">Whether the load-balancing loss sees real tokens only.</param>
/// <param name="Mode">How passes compute.</param>
/// <param name="LogitsBudget">The most elements that logits may have at once.</param>
/// <param name="Checkpointing">Whether layers are recomputed in the backward pass instead of keeping their activations.</param>
internal sealed record BatchOptions(
    BatchShape Shape, bool HeadOnResponseOnly, int MaximumLength, int Padding, bool BalanceRealTokensOnly, ComputeMode Mode, long LogitsBudget,
        bool Checkpointing = false);
