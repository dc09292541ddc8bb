using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>A batch's tensors on the device that computes; they live in the dispose scope in which it is made.</summary>
internal sealed class DeviceBatch
{
    /// <summary>Copies the rows to the device; a CUDA copy runs beside the host's work.</summary>
    public DeviceBatch(BatchRows rows, ScalarType computeType, Device device)
    {
        ComputeType = computeType;
        SequenceCount = rows.SequenceCount;
        InputIds = ToDevice(tensor(rows.InputIds), device); // (N)
        Rows = ToDevice(tensor(rows.Rows), device); // (M)
        Labels = ToDevice(tensor(rows.Labels), device); // (M)
        SequenceOf = ToDevice(tensor(rows.SequenceOf), device); // (M)
        LossTokens = ToDevice(tensor(rows.LossTokens), device); // (S)
        Weights = rows.Weights is null ? null : ToDevice(tensor(rows.Weights), device); // (M)
        TokenWeights = rows.TokenWeights is null ? null : ToDevice(tensor(rows.TokenWeights), device); // (N)
        Layout = rows.Segments is { } segments
            ? new PackedLayout(segments, rows.Sequences, computeType, device)
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

    /// <summary>The sequence of each label, (M), int64.</summary>
    public Tensor SequenceOf { get; }

    /// <summary>1 where a label counts, else 0, (M), fp32; <see langword="null"/> where all count.</summary>
    public Tensor? Weights { get; }

    /// <summary>How many labels of each sequence count, (S), fp32.</summary>
    public Tensor LossTokens { get; }

    /// <summary>How often each row counts in the load-balancing loss, (N), fp32; <see langword="null"/> for once each.</summary>
    public Tensor? TokenWeights { get; }

    /// <summary>The element type of matrix products.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>The number of sequences S.</summary>
    public int SequenceCount { get; }

    private static Tensor ToDevice(Tensor host, Device device) =>
        device.type == DeviceType.CPU ? host : host.pin_memory().to(device, non_blocking: true);
}
