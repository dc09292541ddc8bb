using MiniMind.MLNet.Dpo.Training.Distributed;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>A communicator whose process fails between two training steps.</summary>
/// <param name="inner">What connects the ranks.</param>
/// <param name="step">After how many steps; with a model this small all gradients of a step go in one sum.</param>
/// <param name="fail">What it does then.</param>
internal sealed class FailingRank(ICommunicator inner, int step, Action fail) : ICommunicator
{
    private int _sums;

    public int Rank => inner.Rank;

    public int Size => inner.Size;

    public TimeSpan Timeout => inner.Timeout;

    public CommunicatorActivity Activity => inner.Activity;

    public void Barrier() => inner.Barrier();

    public IPendingCollective BeginAllReduceSum(Tensor flat)
    {
        if (_sums++ == step)
            fail();
        return inner.BeginAllReduceSum(flat);
    }

    public void AllReduce(Span<double> values, ReduceOperation operation) => inner.AllReduce(values, operation);

    public void AllReduce(Span<long> values, ReduceOperation operation) => inner.AllReduce(values, operation);

    public void Broadcast(IReadOnlyList<Tensor> tensors, int root) => inner.Broadcast(tensors, root);

    public void Broadcast(Span<byte> bytes, int root) => inner.Broadcast(bytes, root);

    public byte[][] AllGather(ReadOnlySpan<byte> block) => inner.AllGather(block);

    public void Abort(int code, string message) => inner.Abort(code, message);

    public void Dispose()
    {
    }
}
