using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

/// <summary>NCCL on the CPU's memory, and a stream whose work is done at once unless it is held up.</summary>
internal sealed class FakeNccl(FakeNcclWorld world, int rank) : INcclApi, ICudaEvents
{
    private const nint Communicator = 77;
    private int _events;

    /// <summary>The calls other than collectives, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What the next collective returns.</summary>
    public int Result { get; set; }

    /// <summary>What the watch is told.</summary>
    public volatile int AsyncError;

    /// <summary>Whether the stream gets on.</summary>
    public bool Blocked { get; set; }

    /// <summary>Marks that were recorded and not released.</summary>
    public int OpenEvents => _events;

    public int GetUniqueId(out NcclUniqueId id)
    {
        id = default;
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(new Span<NcclUniqueId>(ref id)));
        return Note("id");
    }

    public int CommInitRank(out nint communicator, int size, NcclUniqueId id, int joining)
    {
        joining.Should().Be(rank);
        world.Join(rank, MemoryMarshal.AsBytes(new Span<NcclUniqueId>(ref id)).ToArray(), size);
        communicator = Communicator;
        return Note("init");
    }

    public int AllReduce(nint buffer, nuint count, NcclDataType type, nint communicator)
    {
        (type, communicator).Should().Be((NcclDataType.Float32, Communicator));
        if (Result == 0)
            world.Sum(rank, buffer, (int)count);
        return Result;
    }

    public int Broadcast(nint buffer, nuint count, NcclDataType type, int root, nint communicator)
    {
        (type, communicator).Should().Be((NcclDataType.Byte, Communicator));
        world.Send(rank, buffer, (int)count, root);
        return Note("broadcast");
    }

    public int GroupStart() => Note("group start");

    public int GroupEnd() => Note("group end");

    public int CommGetAsyncError(nint communicator, out int error)
    {
        error = AsyncError;
        return 0;
    }

    public int CommAbort(nint communicator) => Note("abort");

    public int CommDestroy(nint communicator) => Note("destroy");

    public string ErrorText(int code) => $"error {code} in words";

    public void UseDevice()
    {
    }

    public nint Record()
    {
        Interlocked.Increment(ref _events);
        return 1;
    }

    public bool IsReached(nint mark) => !Blocked;

    public void Release(nint mark) => Interlocked.Decrement(ref _events);

    private int Note(string call)
    {
        lock (Calls)
            Calls.Add(call);
        return 0;
    }
}
