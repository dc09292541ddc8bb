using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Distributed.Nccl;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

/// <summary>Everything about NCCL that shows without a GPU: a fake library works on the CPU's memory.</summary>
public sealed class NcclCommunicatorTests
{
    [Fact]
    public void UniqueId_AsPassedByValue_Has128Bytes() => Unsafe.SizeOf<NcclUniqueId>().Should().Be(128, "nccl.h defines NCCL_UNIQUE_ID_BYTES so");

    [SkippableFact]
    public void Load_LibraryAbsent_SaysWhatToInstall()
    {
        Skip.If(NativeLibrary.TryLoad("libnccl.so.2", out _), "NCCL is installed here");

        Action load = () => NcclLibrary.Load(chosen: null);

        load.Should().Throw<DllNotFoundException>().WithMessage("*could not be loaded from 'libnccl.so.2'*libnccl2*MINIMIND_NCCL_LIBRARY*");
    }

    [SkippableFact]
    public void Constructor_NoDriver_SaysWhatIsNeeded()
    {
        Skip.If(NativeLibrary.TryLoad("libcuda.so.1", out _), "an NVIDIA driver is installed here");

        Action create = () => _ = new CudaDriver(0);

        create.Should().Throw<DllNotFoundException>().WithMessage(
            "The NVIDIA driver's library, libcuda.so.1, could not be loaded: NcclCommunicator needs an NVIDIA GPU and its driver.*");
    }

    [Fact]
    public void Collectives_ThreeRanks_GoToNcclAndBytesToTheControl()
    {
        using FakeNcclWorld world = new(3);

        (float[] Gradient, byte[] Sent, long Tokens, List<string> Calls, int OpenEvents)[] results = SharedMemory.Run(3, control =>
        {
            FakeNccl nccl = new(world, control.Rank);
            float[] gradient = GC.AllocateArray<float>(4, pinned: true);
            byte[] first = GC.AllocateArray<byte>(2, pinned: true), second = GC.AllocateArray<byte>(3, pinned: true);
            Array.Fill(gradient, control.Rank + 1);
            Array.Fill(first, (byte)(10 + control.Rank));
            Array.Fill(second, (byte)(20 + control.Rank));
            long[] tokens = [control.Rank];
            using (NcclCommunicator communicator = new(control, 0, nccl, nccl, TimeProvider.System))
            {
                communicator.AllReduceMemory(Address(gradient), gradient.Length);
                communicator.BroadcastMemory([(Address(first), first.Length), (Address(second), second.Length)], root: 2);
                communicator.AllReduce(tokens, ReduceOperation.Sum);
            }
            return (Gradient: gradient, Sent: first.Concat(second).ToArray(), Tokens: tokens[0], nccl.Calls, nccl.OpenEvents);
        });

        foreach ((float[] Gradient, byte[] Sent, long Tokens, List<string> Calls, int OpenEvents) result in results)
        {
            result.Gradient.Should().Equal(6, 6, 6, 6);
            result.Sent.Should().Equal(12, 12, 22, 22, 22);
            result.Tokens.Should().Be(3);
            result.Calls.SkipWhile(call => call == "id").Should().Equal("init", "group start", "broadcast", "broadcast", "group end", "destroy");
            result.OpenEvents.Should().Be(0);
        }
    }

    [Fact]
    public void BeginAllReduceSum_CpuTensor_GoesToTheControl()
    {
        using FakeNcclWorld world = new(2);

        float[] sums = SharedMemory.Run(2, control =>
        {
            using ICommunicator communicator = Create(control, world, out _);
            using Tensor flat = full(3, control.Rank + 0.5f);
            communicator.AllReduceSum(flat);
            return flat[2].item<float>();
        });

        sums.Should().Equal(2, 2);
    }

    [Fact]
    public void AllReduce_NcclRefuses_ThrowsWithItsText()
    {
        using FakeNcclWorld world = new(1);
        using SharedMemoryCommunicator control = new(new SharedMemory(1), 0);
        using NcclCommunicator communicator = Create(control, world, out FakeNccl nccl);
        nccl.Result = 4;

        Action reduce = () => communicator.AllReduceMemory(0, 5);

        reduce.Should().Throw<CommunicationException>().WithMessage("ncclAllReduce failed with code 4: error 4 in words");
    }

    [Fact]
    public void Watch_NcclFailsInTheBackground_AbortsAllRanks()
    {
        using FakeNcclWorld world = new(1);
        using SharedMemoryCommunicator control = new(new SharedMemory(1), 0);
        using NcclCommunicator communicator = Create(control, world, out FakeNccl nccl);

        nccl.AsyncError = 6;

        WaitForAbort(control).Should().Be((1, "NCCL reports an error in the background: error 6 in words"));
        nccl.Calls.Should().Contain("abort", "kernels that wait for the lost rank must end");
    }

    [Fact]
    public void Watch_StreamStandsStill_AbortsAllRanksAtTheDeadline()
    {
        using FakeNcclWorld world = new(1);
        using SharedMemoryCommunicator control = new(new SharedMemory(1), 0) { Timeout = TimeSpan.FromSeconds(0.1) };
        using NcclCommunicator communicator = Create(control, world, out FakeNccl nccl);
        float[] gradient = GC.AllocateArray<float>(4, pinned: true);
        nccl.Blocked = true;

        communicator.AllReduceMemory(Address(gradient), gradient.Length);

        WaitForAbort(control).Should()
            .Be((1, "NCCL collective 1 (all-reduce of 4 floats) did not complete within 0.1 s: another rank has ended, hangs, or called another collective."));
    }

    private static NcclCommunicator Create(ICommunicator control, FakeNcclWorld world, out FakeNccl nccl)
    {
        nccl = new FakeNccl(world, control.Rank);
        return new NcclCommunicator(control, 0, nccl, nccl, TimeProvider.System);
    }

    private static (int Code, string Message)? WaitForAbort(SharedMemoryCommunicator control)
    {
        SpinWait.SpinUntil(() => control.Aborted is not null, TimeSpan.FromSeconds(20));
        return control.Aborted;
    }

    private static unsafe nint Address<T>(T[] pinned)
        where T : unmanaged => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
}
