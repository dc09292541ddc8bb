using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Watches where the process's tensors lie, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(TensorMemoryTests), DisableParallelization = true)]
[Collection(nameof(TensorMemoryTests))]
public sealed class TensorMemoryTests
{
    private const int Elements = 1 << 20, Bytes = Elements * sizeof(float);

    public TensorMemoryTests() => Skip.IfNot(TensorMemory.Available, "Linux on x86-64");

    [SkippableFact]
    public void Keep_LargeTensors_LieInBlocksThatAreKept()
    {
        using IDisposable? kept = TensorMemory.Keep();
        long before = TensorMemory.Held;
        nint first;
        using (Tensor tensor = ones(Elements))
        {
            first = TensorAddress.Of(tensor);
            TensorMemory.Held.Should().Be(before + Bytes);
        }
        TensorMemory.Held.Should().Be(before + Bytes, "it is kept");

        using Tensor again = zeros(Elements);

        TensorAddress.Of(again).Should().Be(first);
        again.sum().item<float>().Should().Be(0);
        TensorMemory.Held.Should().Be(before + Bytes);
    }

    [SkippableFact]
    public void Keep_SmallTensors_AreLibtorchsOwn()
    {
        using IDisposable? kept = TensorMemory.Keep();
        long before = TensorMemory.Held;

        using Tensor small = ones(TensorMemory.Smallest / sizeof(float) - 1), smallest = ones(TensorMemory.Smallest / sizeof(float));

        TensorMemory.Held.Should().Be(before + TensorMemory.Smallest);
        small.sum().item<float>().Should().Be(small.numel());
    }

    [SkippableFact]
    public void Keep_Ended_GivesFreeBlocksBackAndTensorsThatOutliveItTheirs()
    {
        Tensor earlier = ones(Elements), outlives;
        using (TensorMemory.Keep())
        {
            outlives = full(Elements, 3f);
            ones(Elements).Dispose();
            earlier.Dispose(); // of libtorch's own heap
        }
        TensorMemory.Held.Should().Be(Bytes);
        using (Tensor later = ones(Elements))
            TensorMemory.Held.Should().Be(Bytes, "nobody wants anything kept");
        outlives.sum().item<float>().Should().Be(3f * Elements);

        outlives.Dispose();

        TensorMemory.Held.Should().Be(0);
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
                runs.Add(step[0], TensorMemory.Keep()!);
            else if (runs.Remove(step[0], out IDisposable? run))
                run.Dispose();
            ones(Elements).Dispose();
            TensorMemory.Held.Should().Be(runs.Count > 0 ? Bytes : 0, "after {0} of {1}", step, order);
        }
    }

    [SkippableFact]
    public void Begin_AfterOtherPasses_GivesTheirBlocksBackAndNotThoseInUse()
    {
        using NativeHeap heap = new(keepBlocks: true);
        using Tensor used = ones(Elements);
        ones(2 * Elements).Dispose();
        TensorMemory.Held.Should().Be(3 * Bytes);

        heap.Begin();

        TensorMemory.Held.Should().Be(Bytes);
        used.sum().item<float>().Should().Be(Elements);
    }

    [SkippableFact]
    public void Keep_MoreThanThereIs_IsLibtorchsErrorAndNotTheEnd()
    {
        using IDisposable? kept = TensorMemory.Keep();

        FluentActions.Invoking(() => empty(1L << 50)).Should().Throw<ExternalException>().WithMessage("*memory*");

        using Tensor tensor = ones(Elements);
        tensor.sum().item<float>().Should().Be(Elements);
    }

    [SkippableFact]
    public void Keep_ThreadsThatAllocateAtOnce_EachHaveTheirOwn()
    {
        using (TensorMemory.Keep())
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
        TensorMemory.Held.Should().Be(0);
    }

    [SkippableFact]
    public void Keep_StorageThatOutlivesItsTensor_KeepsItsValues()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable? kept = TensorMemory.Keep();
        Tensor tensor = arange(Elements, float32), view = tensor.narrow(0, Elements / 2, 10);
        tensor.Dispose(); // the storage lives on
        view[0].item<float>().Should().Be(Elements / 2);
    }
}
