using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Watches where the process's tensors lie, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(KeptBlocksTests), DisableParallelization = true)]
[Collection(nameof(KeptBlocksTests))]
public sealed class KeptBlocksTests
{
    private const int Elements = 1 << 20, Bytes = Elements * sizeof(float);

    public KeptBlocksTests() => Skip.IfNot(KeptBlocks.Available, "Linux on x86-64");

    [SkippableFact]
    public void Keep_LargeTensors_LieInBlocksThatAreKept()
    {
        using IDisposable? kept = KeptBlocks.Keep();
        long before = KeptBlocks.Held;
        nint first;
        using (Tensor tensor = ones(Elements))
        {
            first = TensorAddress.Of(tensor);
            KeptBlocks.Held.Should().Be(before + Bytes);
        }
        KeptBlocks.Held.Should().Be(before + Bytes, "it is kept");

        using Tensor again = zeros(Elements);

        TensorAddress.Of(again).Should().Be(first);
        again.sum().item<float>().Should().Be(0);
        KeptBlocks.Held.Should().Be(before + Bytes);
    }

    [SkippableFact]
    public void Keep_SmallTensors_AreLibtorchsOwn()
    {
        using IDisposable? kept = KeptBlocks.Keep();
        long before = KeptBlocks.Held;

        using Tensor small = ones(KeptBlocks.Smallest / sizeof(float) - 1), smallest = ones(KeptBlocks.Smallest / sizeof(float));

        KeptBlocks.Held.Should().Be(before + KeptBlocks.Smallest);
        small.sum().item<float>().Should().Be(small.numel());
    }

    [SkippableFact]
    public void Keep_Ended_GivesFreeBlocksBackAndTensorsThatOutliveItTheirs()
    {
        Tensor earlier = ones(Elements), outlives;
        using (KeptBlocks.Keep())
        {
            outlives = full(Elements, 3f);
            ones(Elements).Dispose();
            earlier.Dispose(); // of libtorch's own heap
        }
        KeptBlocks.Held.Should().Be(Bytes);
        using (Tensor later = ones(Elements))
            KeptBlocks.Held.Should().Be(Bytes, "nobody wants anything kept");
        outlives.sum().item<float>().Should().Be(3f * Elements);

        outlives.Dispose();

        KeptBlocks.Held.Should().Be(0);
    }

    [SkippableTheory]
    [InlineData("1+ 2+ 1- 2-")]
    [InlineData("1+ 2+ 2- 1-")]
    public void Keep_TwoRunsAtOnce_KeepsUntilTheLastEnds(string order)
    {
        Dictionary<char, IDisposable> runs = [];
        foreach (string step in order.Split(' '))
        {
            if (step[1] == '+')
                runs.Add(step[0], KeptBlocks.Keep()!);
            else if (runs.Remove(step[0], out IDisposable? run))
                run.Dispose();
            ones(Elements).Dispose();
            KeptBlocks.Held.Should().Be(runs.Count > 0 ? Bytes : 0, "after {0} of {1}", step, order);
        }
    }

    [SkippableFact]
    public void Begin_AfterOtherPasses_GivesTheirBlocksBackAndNotThoseInUse()
    {
        using NativeHeap heap = new(keepBlocks: true);
        using Tensor used = ones(Elements);
        ones(2 * Elements).Dispose();
        KeptBlocks.Held.Should().Be(3 * Bytes);

        heap.Begin();

        KeptBlocks.Held.Should().Be(Bytes);
        used.sum().item<float>().Should().Be(Elements);
    }

    [SkippableFact]
    public void Keep_MoreThanThereIs_IsLibtorchsErrorAndNotTheEnd()
    {
        using IDisposable? kept = KeptBlocks.Keep();

        FluentActions.Invoking(() => empty(1L << 50)).Should().Throw<ExternalException>().WithMessage("*memory*");

        using Tensor tensor = ones(Elements);
        tensor.sum().item<float>().Should().Be(Elements);
    }

    [SkippableFact]
    public void Keep_ThreadsThatAllocateAtOnce_EachHaveTheirOwn()
    {
        using (KeptBlocks.Keep())
        {
            Parallel.For(0, 64, i =>
            {
                using DisposeScope scope = NewDisposeScope();
                Random random = new(i);
                for (int round = 0; round < 50; round++)
                {
                    using Tensor tensor = full(20_000 + random.Next(100_000), (float)i);
                    using Tensor sum = tensor.add(tensor);
                    (sum.min().item<float>(), sum.max().item<float>()).Should().Be((2f * i, 2f * i));
                }
            });
        }
        KeptBlocks.Held.Should().Be(0);
    }

    [SkippableFact]
    public void Keep_StorageThatOutlivesItsTensor_KeepsItsValues()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable? kept = KeptBlocks.Keep();
        Tensor tensor = arange(Elements, float32), view = tensor.narrow(0, Elements / 2, 10);
        tensor.Dispose(); // the storage lives on
        view[0].item<float>().Should().Be(Elements / 2);
    }
}
