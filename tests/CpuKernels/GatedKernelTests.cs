using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class GatedKernelTests
{
    private const string Roundings = "a power within 2 ulp and five operations come to less than ten roundings of 2^-23";

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(5, 37, false)]
    [InlineData(3, 5000, false)] // two blocks
    [InlineData(5, 37, true)]
    [InlineData(3, 5000, true)]
    public void Forward_AnyWidth_IsTheExactProduct(long rows, long width, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor gate, Tensor up, _) = Inputs(rows, width, bf16);

        Tensor product = GatedKernel.Forward(gate, up);

        product.dtype.Should().Be(gate.dtype);
        product.ShouldRound(Product(gate.Exact(), up.Exact()).detach(), 1e-6, Roundings);
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(5, 37, false)]
    [InlineData(3, 5000, false)]
    [InlineData(5, 37, true)]
    [InlineData(3, 5000, true)]
    public void BackwardInPlace_AnyWidth_LeavesAutogradsGradientsAndTheProduct(long rows, long width, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor gate, Tensor up, Tensor gradient) = Inputs(rows, width, bf16);
        Tensor exactGate = gate.Exact(), exactUp = up.Exact(), exact = Product(exactGate, exactUp);
        exact.backward([gradient.to(ScalarType.Float64)]);

        GatedKernel.BackwardInPlace(gate, up, gradient);

        gate.ShouldRound(exactGate.grad!, 1e-6, Roundings);
        up.ShouldRound(exactUp.grad!, 1e-6, Roundings);
        gradient.ShouldRound(exact.detach(), 1e-6, Roundings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BothPasses_ExtremeGates_AreFiniteAndExact(bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        foreach (float extreme in new[] { -1e4f, -100, -88.5f, -87, -60, 0, 60, 87, 88.5f, 100, 1e4f })
        {
            Tensor gate = full([19], extreme).to(type), up = ones(19).to(type), gradient = ones(19).to(type);
            Tensor exactGate = gate.Exact(), exactUp = up.Exact(), exact = Product(exactGate, exactUp);
            exact.backward([ones(19, ScalarType.Float64)]);

            Tensor product = GatedKernel.Forward(gate, up);
            GatedKernel.BackwardInPlace(gate, up, gradient);

            foreach ((Tensor actual, Tensor expected) in new[] { (product, exact.detach()), (gradient, exact.detach()), (gate, exactGate.grad!),
                (up, exactUp.grad!) })
            {
                double power = 1e-6 + Math.Abs(extreme) / (1 << 23); // the exponent is rounded, and its power multiplies that
                // far below zero the sigmoid ends at 2^-126 and does not fade through denormals
                double tolerance = expected.abs().max().ToDouble() * (power + (bf16 ? 1.0 / 256 : 0)) + 2e-34;
                (actual.to(ScalarType.Float64) - expected).abs().max().ToDouble().Should().BeLessThanOrEqualTo(tolerance, "the gate is {0}", extreme);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BothPasses_NaNGate_GiveNaNInItsPlaceOnly(bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor gate = ones(19), expected = zeros(19, ScalarType.Bool);
        foreach (int place in new[] { 3, 17 }) // in a whole vector, and in the rest
        {
            gate[place] = float.NaN;
            expected[place] = true;
        }
        (Tensor low, Tensor up, Tensor gradient) = (gate.to(type, copy: true), ones(19).to(type), ones(19).to(type));

        Tensor product = GatedKernel.Forward(low, up);
        GatedKernel.BackwardInPlace(low, up, gradient);

        foreach (Tensor result in new[] { product, low, up, gradient })
            result.isnan().equal(expected).all().item<bool>().Should().BeTrue();
    }

    private static Tensor Product(Tensor gate, Tensor up) => nn.functional.silu(gate) * up;

    private static (Tensor Gate, Tensor Up, Tensor Gradient) Inputs(long rows, long width, bool bf16)
    {
        using Generator random = new(6);
        ScalarType type = bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        // gates deep in both branches of the sigmoid
        return (random.Normal(type, rows, width).mul_(3), random.Normal(type, rows, width), random.Normal(type, rows, width));
    }
}
