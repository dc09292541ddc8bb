using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

/// <summary>Rows that are dealt out to groups, and what comes back.</summary>
public sealed class RowRoutesTests
{
    private static readonly long[,] s_chosen = { { 3, 0 }, { 1, 3 }, { 0, 3 } };

    [Fact]
    public void Of_GroupsOfRows_TakePlacesInTheRowsOrderAndStayMultiplesOfAStep()
    {
        using Tensor chosen = tensor(s_chosen);

        RowRoutes routes = RowRoutes.Of(chosen, groups: 4);

        Enumerable.Range(0, 4).Select(routes.Count).Should().Equal(RowRoutes.Step, RowRoutes.Step, 0, RowRoutes.Step);
        Enumerable.Range(0, 5).Select(routes.Start).Should().Equal(0, RowRoutes.Step, 2 * RowRoutes.Step, 2 * RowRoutes.Step, 3 * RowRoutes.Step);
        (routes.Rows, routes.PerRow, routes.Groups, routes.Places).Should().Be((3, 2, 4, 3 * RowRoutes.Step));
    }

    [SkippableTheory]
    [InlineData(40, false)]
    [InlineData(21, false)]
    [InlineData(40, true)]
    public void Combine_OfWhatWasGathered_IsTheSharesSumOfEachRow(int width, bool bf16)
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "kernels run on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        RowRoutes routes = RowRoutes.Of(tensor(s_chosen), groups: 4);
        ScalarType type = bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor rows = randn([3, width], generator: random).to(type), shares = rand([3, 2], generator: random), other = randn([3, width]).to(type);

        Tensor placed = RoutedRowsKernel.Gather(rows, routes); // (places, width)
        Tensor?[] groups = [.. Enumerable.Range(0, 4).Select(group => routes.Count(group) == 0 ? null
            : placed.narrow(0, routes.Start(group), routes.Count(group)).mul(group + 1))];
        Tensor combined = RoutedRowsKernel.Combine([groups, groups], routes, shares, [other], ScalarType.Float32);

        Tensor expected = (rows * ((tensor(s_chosen) + 1) * shares).sum(dim: 1, keepdim: true) * 2 + other).to(ScalarType.Float32);
        (combined - expected).abs().max().ToSingle().Should().BeLessThan(bf16 ? 0.1f : 1e-5f);
        placed.narrow(0, 2, RowRoutes.Step - 2).ne(0).any().ToBoolean().Should().BeFalse("places behind a group's last row are empty");
    }

    [SkippableFact]
    public void Spread_Gradients_AreTimesTheSharesAndGiveThoseOfTheShares()
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "kernels run on processors with vectors of 512 bits");
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        RowRoutes routes = RowRoutes.Of(tensor(s_chosen), groups: 4);
        Tensor rows = randn([3, 24], generator: random), gradient = randn([3, 24], generator: random);
        Tensor shares = rand([3, 2], generator: random).requires_grad_();
        Tensor?[] outputs = [.. Enumerable.Range(0, 4).Select(group => routes.Count(group) == 0 ? null
            : RoutedRowsKernel.Gather(rows, routes).narrow(0, routes.Start(group), routes.Count(group)).mul(group + 1))];

        (Tensor placed, Tensor? ofShares) = RoutedRowsKernel.Spread(gradient, routes, shares.detach(), outputs);

        (rows.unsqueeze(1) * (tensor(s_chosen) + 1).unsqueeze(2) * shares.unsqueeze(2)).sum(dim: 1).backward([gradient]);
        (ofShares! - shares.grad!).abs().max().ToSingle().Should().BeLessThan(1e-5f);
        (placed[2 * RowRoutes.Step + 1] - gradient[1] * shares[1][1]).abs().max().ToSingle().Should().BeLessThan(1e-6f, "row 1 is the second of group 3");
        RoutedRowsKernel.Spread(gradient, routes, shares.detach(), null).Shares.Should().BeNull();
    }
}
