using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class HostProductTests
{
    private const double HalfOfBf16 = 1.0 / 256; // half of the last of 8 bits

    [Theory]
    [MemberData(nameof(KernelOperands.Pairs), MemberType = typeof(KernelOperands))]
    public void Of_AnyLayouts_IsTheExactProduct(string left, string right)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        Tensor first = KernelOperands.Make(left, 37, 150, random), second = KernelOperands.Make(right, 61, 150, random);

        HostProduct.Of(first, second).ShouldBeCloseTo(Exact(first, second.t()), KernelOperands.Tolerance(150));
    }

    [Fact]
    public void Of_Bf16_IsTheExactProductRounded()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        Tensor left = random.Normal(ScalarType.BFloat16, 37, 150), right = random.Normal(ScalarType.BFloat16, 61, 150);

        Tensor product = HostProduct.Of(left, right);

        product.dtype.Should().Be(ScalarType.BFloat16);
        product.ShouldRound(Exact(left, right.t()), 1e-6, "sums are in fp32");
    }

    [Theory]
    [MemberData(nameof(KernelOperands.Pairs), MemberType = typeof(KernelOperands))]
    public void AddTo_AnyLayouts_AddsTheExactProduct(string left, string right)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        foreach ((long rows, long columns) in new[] { (37L, 61L), (61L, 37L), (1L, 61L), (61L, 1L) })
        {
            Tensor first = KernelOperands.Make(left, rows, 150, random), second = KernelOperands.Make(right, 150, columns, random),
                sum = random.Normal(ScalarType.Float32, rows, columns);
            Tensor expected = sum.to(ScalarType.Float64) + Exact(first, second);

            HostProduct.AddTo(sum, first, second);

            sum.ShouldBeCloseTo(expected, KernelOperands.Tolerance(150), $"{rows} rows and {columns} columns");
        }
    }

    [Theory]
    [InlineData(70_000, 64, false)] // parts that are taller than wide
    [InlineData(1_500, 3_000, false)] // and wider than tall
    [InlineData(2, HostProduct.LargestPart / 2 + 1, false)] // single rows
    [InlineData(70_000, 64, true)]
    [InlineData(1_500, 3_000, true)]
    public void AddTo_MoreThanTheLargestPart_AddsTheExactProduct(long rows, long columns, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        ScalarType type = bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor left = KernelOperands.Make(KernelOperands.ByColumns, rows, 3, random, type),
            right = KernelOperands.Make(KernelOperands.ByRows, 3, columns, random, type), sum = ones(rows, columns);
        (rows * columns).Should().BeGreaterThan(HostProduct.LargestPart);

        HostProduct.AddTo(sum, left, right);

        Tensor exact = Exact(left, right), beyond = (sum.to(ScalarType.Float64) - exact - 1).abs() - exact.abs() * (bf16 ? HalfOfBf16 : 0);
        beyond.max().ToDouble().Should().BeLessThan(exact.abs().max().ToDouble() * 4 / (1 << 24), "three products and the sum round to fp32");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BothProducts_WithinAScope_LeaveTheirResultsOnly(bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        ScalarType type = bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor left = KernelOperands.Make(KernelOperands.GappedRows, 37, 20, random, type),
            right = KernelOperands.Make(KernelOperands.GappedColumns, 61, 20, random, type), sum = zeros(37, 61);
        using (DisposeScope inner = NewDisposeScope())
        {
            HostProduct.AddTo(sum, left, right.t());
            inner.DisposablesCount.Should().Be(1, "the transposed view is the test's own");

            HostProduct.Of(left, right);
            inner.DisposablesCount.Should().Be(2);
        }
    }

    [Fact]
    public void Fits_OtherDevicesAndTypes_IsFalse()
    {
        HostProduct.Fits(DeviceType.CUDA, ScalarType.Float32).Should().BeFalse();
        HostProduct.Fits(DeviceType.CPU, ScalarType.Float64).Should().BeFalse();
        HostProduct.Fits(DeviceType.CPU, ScalarType.BFloat16).Should().Be(System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated);
    }

    private static Tensor Exact(Tensor left, Tensor right) => left.to(ScalarType.Float64).mm(right.to(ScalarType.Float64));
}
