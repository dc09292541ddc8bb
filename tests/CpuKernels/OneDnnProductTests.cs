using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class OneDnnProductTests
{
    private const string OtherProcessor = "fp32 products go by oneDNN on AMD processors with AVX-512 only";

    [SkippableTheory]
    [MemberData(nameof(KernelOperands.Pairs), MemberType = typeof(KernelOperands))]
    public void Of_AnyLayouts_IsTheExactProduct(string input, string weight)
    {
        Skip.IfNot(OneDnnProduct.Pays, OtherProcessor);
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        Tensor left = KernelOperands.Make(input, 37, 150, random), right = KernelOperands.Make(weight, 61, 150, random);

        Tensor product = OneDnnProduct.Of(left, right);

        product.ShouldBeCloseTo(left.to(ScalarType.Float64).mm(right.to(ScalarType.Float64).t()), KernelOperands.Tolerance(150));
        product.is_contiguous().Should().BeTrue("kernels walk over its memory");
    }

    [SkippableTheory]
    [InlineData(1, 150, 61)]
    [InlineData(37, 150, 1)]
    [InlineData(37, 1, 61)]
    [InlineData(1, 1, 1)]
    public void Of_OneRowOrColumn_IsTheExactProduct(long rows, long inputs, long outputs)
    {
        Skip.IfNot(OneDnnProduct.Pays, OtherProcessor);
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        foreach (string layout in KernelOperands.All)
        {
            Tensor left = KernelOperands.Make(layout, rows, inputs, random), right = KernelOperands.Make(layout, outputs, inputs, random);

            OneDnnProduct.Of(left, right).ShouldBeCloseTo(
                left.to(ScalarType.Float64).mm(right.to(ScalarType.Float64).t()), KernelOperands.Tolerance(inputs), layout);
        }
    }

    [SkippableFact]
    public void Of_OperandsWithGaps_LeavesItsResultOnly()
    {
        Skip.IfNot(OneDnnProduct.Pays, OtherProcessor);
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        Tensor left = KernelOperands.Make(KernelOperands.GappedRows, 37, 150, random),
            right = KernelOperands.Make(KernelOperands.GappedColumns, 61, 150, random);
        int before = scope.DisposablesCount;

        OneDnnProduct.Of(left, right);

        scope.DisposablesCount.Should().Be(before + 1);
    }

    [Fact]
    public void Dense_OperandsWithGaps_AreCopiedInTheirOrder()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        foreach (string layout in KernelOperands.All)
        {
            Tensor matrix = KernelOperands.Make(layout, 5, 7, random), dense = OneDnnProduct.Dense(matrix);

            bool gapped = layout is KernelOperands.GappedRows or KernelOperands.GappedColumns,
                byColumns = layout is KernelOperands.ByColumns or KernelOperands.GappedColumns;
            ReferenceEquals(dense, matrix).Should().Be(!gapped, layout);
            dense.stride().Should().Equal(byColumns ? [1L, 5L] : [7L, 1L], layout);
            dense.equal(matrix).all().item<bool>().Should().BeTrue(layout);
        }
    }
}
