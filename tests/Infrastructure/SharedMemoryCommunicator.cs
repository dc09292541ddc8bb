using System.Numerics;
using MiniMind.MLNet.Dpo.Training.Distributed;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>One rank of <see cref="SharedMemory"/>.</summary>
internal sealed class SharedMemoryCommunicator(SharedMemory memory, int rank) : ICommunicator
{
    public int Rank => rank;

    public int Size => memory.Size;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public CommunicatorActivity Activity { get; } = new(TimeProvider.System);

    /// <summary>What this rank was aborted with.</summary>
    public (int Code, string Message)? Aborted { get; private set; }

    public void Barrier() => memory.Exchange(rank, 0, _ => 0);

    public IPendingCollective BeginAllReduceSum(Tensor flat)
    {
        using Tensor sum = memory.Exchange(rank, flat, tensors => tensors.Aggregate(zeros_like(flat), (total, tensor) => total.add_(tensor)));
        memory.Exchange(rank, 0, _ => flat.copy_(sum));
        return new SingleProcess().BeginAllReduceSum(flat);
    }

    public void AllReduce(Span<double> values, ReduceOperation operation) => Reduce(values, operation);

    public void AllReduce(Span<long> values, ReduceOperation operation) => Reduce(values, operation);

    public void Broadcast(IReadOnlyList<Tensor> tensors, int root)
    {
        foreach (Tensor tensor in tensors)
        {
            using Tensor sent = memory.Exchange(rank, tensor, all => all[root].clone());
            tensor.copy_(sent);
        }
    }

    public void Broadcast(Span<byte> bytes, int root) => memory.Exchange(rank, bytes.ToArray(), all => all[root]).CopyTo(bytes);

    public byte[][] AllGather(ReadOnlySpan<byte> block) => memory.Exchange(rank, block.ToArray(), all => all);

    public void Abort(int code, string message) => Aborted = (code, message);

    public void Dispose()
    {
    }

    private void Reduce<T>(Span<T> values, ReduceOperation operation)
        where T : INumber<T>
    {
        T[] own = values.ToArray();
        memory.Exchange(rank, own, all => Enumerable.Range(0, own.Length).Select(i => operation switch
        {
            ReduceOperation.Sum => all.Aggregate(T.Zero, (sum, other) => sum + other[i]),
            ReduceOperation.Max => all.Max(other => other[i])!,
            _ => all.Min(other => other[i])!,
        }).ToArray()).CopyTo(values);
    }
}
