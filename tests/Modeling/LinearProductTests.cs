using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

public sealed class LinearProductTests
{
    public LinearProductTests() => TorchNativeLibrary.EnsureLoaded();

    [Theory]
    [InlineData(1, 768, 768, 1)]
    [InlineData(1, 768, 768, 2)]
    [InlineData(1, 384, 640, 7)] // 640 outputs: five shares
    [InlineData(1, 300, 257, 4)] // a prime number of outputs: one share
    [InlineData(1, 16, 24, 4)] // too small to divide
    [InlineData(3, 768, 768, 4)]
    public void Of_AnyNumberOfThreads_IsTheDoublePrecisionProduct(long rows, long inputs, long outputs, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(7);
        Tensor input = randn([rows, inputs], generator: random), weight = randn([outputs, inputs], generator: random);

        Tensor product = LinearProduct.Of(input, weight, threads);

        Tensor expected = input.to(ScalarType.Float64).mm(weight.to(ScalarType.Float64).t());
        product.shape.Should().Equal(rows, outputs);
        (product.to(ScalarType.Float64) - expected).abs().max().ToDouble().Should().BeLessThan(1e-6 * inputs);
    }

    [Fact]
    public void Of_OneRowOnThreeThreads_HasTheGradientsOfALinearLayer()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(7);
        Tensor input = randn([1, 384], generator: random), weight = randn([384, 384], generator: random), upper = randn([1, 384], generator: random);
        Tensor[] Gradients(Func<Tensor, Tensor, Tensor> product)
        {
            Tensor row = input.clone().requires_grad_(), matrix = weight.clone().requires_grad_();
            product(row, matrix).backward([upper]);
            return [row.grad!, matrix.grad!];
        }

        Tensor[] divided = Gradients((row, matrix) => LinearProduct.Of(row, matrix, 3)), whole = Gradients((row, matrix) => nn.functional.linear(row, matrix));

        foreach ((Tensor ours, Tensor expected) in divided.Zip(whole))
            (ours - expected).abs().max().ToDouble().Should().BeLessThan(1e-4);
    }

    [Fact]
    public void Of_OneRow_LeavesNothingBehind()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = ones(1, 384), weight = ones(384, 384);
        int before = scope.DisposablesCount;

        Tensor product = LinearProduct.Of(input, weight, 3);

        scope.DisposablesCount.Should().Be(before + 1);
        product.sum().ToDouble().Should().Be(384.0 * 384);
    }
}
