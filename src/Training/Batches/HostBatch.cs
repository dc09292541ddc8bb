using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>A laid-out batch as tensors on the host, in pinned memory where a GPU is to read it; made ahead of the step on another thread.</summary>
/// <param name="rows">The batch.</param>
/// <param name="device">Where it will be computed.</param>
internal sealed class HostBatch(BatchRows rows, Device device) : IDisposable
{
    /// <summary>The batch in arrays.</summary>
    public BatchRows Batch => rows;

    /// <summary>Token ids of all rows, (N), int64.</summary>
    public Tensor InputIds { get; } = Ready(tensor(rows.InputIds), device); // (N)

    /// <summary>The row that predicts each label, (M), int64.</summary>
    public Tensor Rows { get; } = Ready(tensor(rows.Rows), device); // (M)

    /// <summary>The labels, (M), int64.</summary>
    public Tensor Labels { get; } = Ready(tensor(rows.Labels), device); // (M)

    /// <summary>The sequence of each label, (M), int64.</summary>
    public Tensor SequenceOf { get; } = Ready(tensor(rows.SequenceOf), device); // (M)

    /// <summary>The place of each label in a table of sequences by labels, (M), int64.</summary>
    public Tensor Places { get; } = Ready(tensor(rows.Table.Places), device); // (M)

    /// <summary>How many labels of each sequence count, (S), fp32.</summary>
    public Tensor LossTokens { get; } = Ready(tensor(rows.LossTokens), device); // (S)

    /// <summary>1 where a label counts, else 0, (M), fp32; <see langword="null"/> where all count.</summary>
    public Tensor? Weights { get; } = rows.Weights is null ? null : Ready(tensor(rows.Weights), device); // (M)

    /// <summary>How often each row counts in the load-balancing loss, (N), fp32; <see langword="null"/> for once each.</summary>
    public Tensor? TokenWeights { get; } = rows.TokenWeights is null ? null : Ready(tensor(rows.TokenWeights), device); // (N)

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Tensor? part in new[] { InputIds, Rows, Labels, SequenceOf, Places, LossTokens, Weights, TokenWeights })
            part?.Dispose();
    }

    private static Tensor Ready(Tensor host, Device device)
    {
        Tensor ready = HostCopy.Pinned(host, device);
        if (!ReferenceEquals(ready, host))
            host.Dispose();
        return ready;
    }
}
