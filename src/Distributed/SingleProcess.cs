using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>A run of one process: every collective finds its result in place.</summary>
public sealed class SingleProcess : ICommunicator
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public TimeSpan Timeout => System.Threading.Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    public CommunicatorActivity Activity { get; } = new(TimeProvider.System);

    /// <inheritdoc/>
    public void Barrier()
    {
    }

    /// <inheritdoc/>
    public IPendingCollective BeginAllReduceSum(Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        TensorBuffer.RequireFloat(flat);
        TensorBuffer.RequireContiguous(flat);
        return CompletedCollective.Instance;
    }

    /// <inheritdoc/>
    public void AllReduce(Span<double> values, ReduceOperation operation)
    {
    }

    /// <inheritdoc/>
    public void AllReduce(Span<long> values, ReduceOperation operation)
    {
    }

    /// <inheritdoc/>
    public void Broadcast(IReadOnlyList<Tensor> tensors, int root) => ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes, int root) => ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);

    /// <inheritdoc/>
    public byte[][] AllGather(ReadOnlySpan<byte> block) => [block.ToArray()];

    /// <inheritdoc/>
    public void Abort(int code, string message)
    {
        RankMessage.Write(Rank, message);
        Environment.Exit(code);
    }

    /// <summary>Does nothing: there is nothing to end.</summary>
    public void Dispose()
    {
    }
}
