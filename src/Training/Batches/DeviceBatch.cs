using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>A batch's tensors on the device that computes; they live in the dispose scope in which it is made.</summary>
internal sealed class DeviceBatch
{
    /// <summary>Copies the rows to the device; a CUDA copy runs beside the host's work.</summary>
    public DeviceBatch(BatchRows rows, ComputeMode mode, Device device) : this(new HostBatch(rows, device), mode, device)
    {
    }

    /// <summary>Copies a batch that was made ahead to the device; on the CPU it is taken as it is and must live as long.</summary>
    public DeviceBatch(HostBatch host, ComputeMode mode, Device device)
    {
        BatchRows rows = host.Batch;
        Mode = mode;
        SequenceCount = rows.SequenceCount;
        SumCount = rows.SumCount;
        GroupLabels = rows.GroupLabels;
        InputIds = HostCopy.To(host.InputIds, device); // (N)
        Rows = HostCopy.To(host.Rows, device); // (M)
        Labels = HostCopy.To(host.Labels, device); // (M)
        SequenceOf = HostCopy.To(host.SequenceOf, device); // (M)
        Places = HostCopy.To(host.Places, device); // (M)
        MostLabels = rows.Table.Width;
        LossTokens = HostCopy.To(host.LossTokens, device); // (S)
        Weights = host.Weights is null ? null : HostCopy.To(host.Weights, device); // (M)
        TokenWeights = host.TokenWeights is null ? null : HostCopy.To(host.TokenWeights, device); // (N)
        Layout = rows.Segments is { } segments
            ? new PackedLayout(segments, rows.Sequences, mode.Type, device)
            : new RectangularLayout(rows.SequenceCount, rows.PaddedLength, device);
    }

    /// <summary>Token ids of all rows, (N), int64.</summary>
    public Tensor InputIds { get; }

    /// <summary>Which sequences the rows form.</summary>
    public IAttentionLayout Layout { get; }

    /// <summary>The row that predicts each label, (M), int64.</summary>
    public Tensor Rows { get; }

    /// <summary>The labels, (M), int64.</summary>
    public Tensor Labels { get; }

    /// <summary>The sequence of each label, or its head or tail as in <see cref="BatchRows.SequenceOf"/>, (M), int64.</summary>
    public Tensor SequenceOf { get; }

    /// <summary>The place of each label in a table of sequences by labels with <see cref="MostLabels"/> columns, (M), int64; no two share one.</summary>
    public Tensor Places { get; }

    /// <summary>The most labels that a sequence has.</summary>
    public long MostLabels { get; }

    /// <summary>1 where a label counts, else 0, (M), fp32; <see langword="null"/> where all count.</summary>
    public Tensor? Weights { get; }

    /// <summary>
    /// How many labels each group (pair or single response) has, in the order of the labels; sequence s belongs to group s modulo their number.
    /// </summary>
    public IReadOnlyList<long> GroupLabels { get; }

    /// <summary>How many labels of each sequence, or of its head or tail, count, (sums), fp32.</summary>
    public Tensor LossTokens { get; }

    /// <summary>How often each row counts in the load-balancing loss, (N), fp32; <see langword="null"/> for once each.</summary>
    public Tensor? TokenWeights { get; }

    /// <summary>How passes compute.</summary>
    public ComputeMode Mode { get; }

    /// <summary>The number of sequences S.</summary>
    public int SequenceCount { get; }

    /// <summary>The number of sums: S, or 2 * S where sequences are summed in heads and tails.</summary>
    public int SumCount { get; }
}
