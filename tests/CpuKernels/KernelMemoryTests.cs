using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed unsafe class KernelMemoryTests
{
    [Fact]
    public void Fp32_OtherType_IsRefused()
    {
        using Tensor tensor = zeros(3, ScalarType.BFloat16);

        Action act = () => KernelMemory.Fp32(tensor);

        act.Should().Throw<ArgumentException>().WithMessage("*BFloat16*Float32*");
    }

    [Fact]
    public void Bytes_TensorWithGaps_IsRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor transposed = zeros(3, 5).t();

        Action act = () => KernelMemory.Bytes(transposed);

        act.Should().Throw<ArgumentException>().WithMessage("*5, 3*not contiguous*");
    }

    [Fact]
    public void Bytes_LaterRows_StartsAtThem()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = arange(12, ScalarType.Float32).view(4, 3);

        KernelMemory.Fp32(rows.narrow(0, 2, 2))[0].Should().Be(6);
    }

    [Fact]
    public void Optional_None_IsNull() => (KernelMemory.Optional(null) is null).Should().BeTrue();
}
