using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Connects the processes (ranks) of one data-parallel run; every rank calls the same collectives in the same order.</summary>
/// <remarks>
/// Collectives are called from one thread at a time. Each one ends within <see cref="Timeout"/>: with its result, or with a
/// <see cref="CommunicationException"/> after which the communicator can only <see cref="Abort"/>. Disposal ends the
/// communication in good order and is itself collective.
/// </remarks>
public interface ICommunicator : IDisposable
{
    /// <summary>The number of this process, from 0 to <see cref="Size"/> - 1; rank 0 logs and saves.</summary>
    int Rank { get; }

    /// <summary>How many processes there are.</summary>
    int Size { get; }

    /// <summary>How long a collective may wait for the other ranks.</summary>
    TimeSpan Timeout { get; }

    /// <summary>What this rank does now, for the watch over hanging ranks.</summary>
    CommunicatorActivity Activity { get; }

    /// <summary>Returns when all ranks have called it.</summary>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    void Barrier();

    /// <summary>Starts to replace a tensor, on every rank, by the sum over all ranks.</summary>
    /// <param name="flat">Float32, contiguous, any shape, CPU or CUDA, the same number of elements on all ranks; not to be read or written before
    /// <see cref="IPendingCollective.Wait"/> returns. The caller keeps owning it.</param>
    /// <returns>The handle to wait on. Several may be in flight: chunks of one buffer can go while backward still fills the others.</returns>
    /// <exception cref="ArgumentException">The tensor is not float32 or not contiguous.</exception>
    IPendingCollective BeginAllReduceSum(Tensor flat);

    /// <summary>Replaces a tensor, on every rank, by the sum over all ranks.</summary>
    /// <param name="flat">Float32, contiguous, any shape, CPU or CUDA, the same number of elements on all ranks. The caller keeps owning it.</param>
    /// <exception cref="ArgumentException">The tensor is not float32 or not contiguous.</exception>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    void AllReduceSum(Tensor flat) => BeginAllReduceSum(flat).Wait();

    /// <summary>Combines values over all ranks, element by element; every rank gets the result in place.</summary>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    void AllReduce(Span<double> values, ReduceOperation operation);

    /// <inheritdoc cref="AllReduce(Span{double}, ReduceOperation)"/>
    void AllReduce(Span<long> values, ReduceOperation operation);

    /// <summary>Overwrites tensors on all ranks with those of one rank.</summary>
    /// <param name="tensors">Contiguous, any dtype, CPU or CUDA, the same sizes on all ranks. The caller keeps owning them.</param>
    /// <param name="root">The rank that sends.</param>
    /// <exception cref="ArgumentException">A tensor is not contiguous.</exception>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    void Broadcast(IReadOnlyList<Tensor> tensors, int root);

    /// <summary>Overwrites bytes on all ranks with those of one rank; the length is the same everywhere.</summary>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    void Broadcast(Span<byte> bytes, int root);

    /// <summary>Gives every rank the blocks of all ranks, in rank order; a rank's block may have any length, none included.</summary>
    /// <exception cref="CommunicationException">Another rank did not arrive in time, or the library reports an error.</exception>
    byte[][] AllGather(ReadOnlySpan<byte> block);

    /// <summary>Writes the message to standard error, every line with <c>rank N:</c> before it, and ends all ranks' processes.</summary>
    /// <param name="code">The exit code, not 0.</param>
    /// <param name="message">The error that this rank met.</param>
    void Abort(int code, string message);
}
