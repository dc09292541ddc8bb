using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class TransposedSumTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 16)]
    [InlineData(17, 33)]
    [InlineData(70, 5)]
    [InlineData(5, 70)]
    [InlineData(130, 47)]
    public void AddTo_AnyShape_IsTheExactSumRoundedOnce(long rows, long columns)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(2);
        Tensor memory = randn([rows + 2, columns], generator: random), source = randn([columns, rows], generator: random);
        Tensor expected = memory.to(ScalarType.Float64);
        expected.narrow(0, 1, rows).add_(source.t());

        TransposedSum.AddTo(memory.narrow(0, 1, rows), source);

        memory.equal(expected.to(ScalarType.Float32)).all().item<bool>().Should().BeTrue("one addition rounds once, and the rows beside stay");
    }
}
