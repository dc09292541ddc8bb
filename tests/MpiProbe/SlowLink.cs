using System.Diagnostics;
using MiniMind.MLNet.Dpo.Training.Distributed;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>A communicator whose sums take the time that a network of a given speed would, one after the other, without using a core.</summary>
internal sealed class SlowLink(ICommunicator inner, double bytesPerSecond) : ICommunicator
{
    private long _free;

    public int Rank => inner.Rank;

    public int Size => inner.Size;

    public TimeSpan Timeout => inner.Timeout;

    public CommunicatorActivity Activity => inner.Activity;

    public void Barrier() => inner.Barrier();

    public IPendingCollective BeginAllReduceSum(Tensor flat)
    {
        double sent = 2.0 * (Size - 1) / Size * flat.NumberOfElements * sizeof(float); // a ring's, in each direction
        _free = Math.Max(_free, Stopwatch.GetTimestamp()) + (long)(sent / bytesPerSecond * Stopwatch.Frequency);
        return new Transfer(inner.BeginAllReduceSum(flat), _free);
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

    private sealed class Transfer(IPendingCollective sum, long arrival) : IPendingCollective
    {
        public bool IsCompleted => sum.IsCompleted && Stopwatch.GetTimestamp() >= arrival;

        public void Wait()
        {
            sum.Wait();
            TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), arrival);
            if (left > TimeSpan.Zero)
                Thread.Sleep(left);
        }
    }
}
