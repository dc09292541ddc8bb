using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class RotaryKernelTests
{
    private const string Roundings = "a mean over a head and eight operations come to some ten roundings of 2^-23";
    private const long Rows = 70, Heads = 3; // two blocks of rows and a part of one
    private const double Epsilon = 1e-6;

    /// <summary>Head widths, query heads per key head, whether heads are normalised, and the type.</summary>
    public static TheoryData<int, int, bool, bool> Shapes
    {
        get
        {
            TheoryData<int, int, bool, bool> shapes = [];
            foreach (int dim in new[] { 8, 24, 32, 96 })
            {
                foreach (int groups in new[] { 1, 3 })
                {
                    foreach (bool normalised in new[] { false, true })
                    {
                        foreach (bool bf16 in new[] { false, true })
                            shapes.Add(dim, groups, normalised, bf16);
                    }
                }
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_AnyHeadWidth_IsTheExactRotation(int dim, int groups, bool normalised, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        Inputs inputs = new(dim, groups, normalised, bf16);

        Tensor rotated = RotaryKernel.Forward(inputs.Raw, inputs.Norm, inputs.Cosines, inputs.SignedSines);

        rotated.dtype.Should().Be(ScalarType.Float32);
        rotated.ShouldRound(inputs.Rotated(inputs.Raw.Exact(), inputs.Weight.Exact()).detach().view(Rows, -1), 1e-6, Roundings);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Backward_AnyNumberOfGroups_IsAutogradsOfTheirSum(int dim, int groups, bool normalised, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        Inputs inputs = new(dim, groups, normalised, bf16);
        Tensor raw = inputs.Raw.Exact(), weight = inputs.Weight.Exact(), normGradient = ones(dim);

        Tensor result = RotaryKernel.Backward(inputs.Gradient, inputs.Raw, inputs.Norm, normalised ? normGradient : null, inputs.Cosines, inputs.SignedSines);

        inputs.Rotated(raw, weight).unsqueeze(2).expand(Rows, Heads, groups, dim).backward(
            [inputs.Gradient.to(ScalarType.Float64).view(Rows, Heads, groups, dim)]);
        result.dtype.Should().Be(inputs.Raw.dtype);
        result.ShouldRound(raw.grad!, 1e-6, Roundings);
        if (normalised)
            normGradient.ShouldRound(weight.grad! + 1, 2e-6, "two hundred heads are added up besides");
    }

    private sealed class Inputs
    {
        public Inputs(int dim, int groups, bool normalised, bool bf16)
        {
            using Generator random = new(8);
            Raw = random.Normal(bf16 ? ScalarType.BFloat16 : ScalarType.Float32, Rows, Heads * dim);
            // four numbers a pair: no half may take the other's
            (Cosines, SignedSines) = (randn([Rows, 1, dim], generator: random), randn([Rows, 1, dim], generator: random));
            Weight = randn([dim], generator: random);
            Gradient = randn([Rows, Heads * groups * dim], generator: random);
            Norm = normalised ? new HeadNorm(Weight, Epsilon) : null;
        }

        public Tensor Raw { get; }

        public Tensor Cosines { get; }

        public Tensor SignedSines { get; }

        public Tensor Weight { get; }

        public Tensor Gradient { get; }

        public HeadNorm? Norm { get; }

        /// <summary>In fp64, (N, heads, D).</summary>
        public Tensor Rotated(Tensor raw, Tensor weight)
        {
            Tensor heads = raw.view(Rows, Heads, -1); // (N, heads, D)
            if (Norm is not null)
                heads = heads * (heads.square().mean([2], keepdim: true) + Epsilon).rsqrt() * weight;
            Tensor[] halves = heads.chunk(2, 2); // (N, heads, D/2) each
            return heads * Cosines.to(ScalarType.Float64) + cat([halves[1], halves[0]], 2) * SignedSines.to(ScalarType.Float64);
        }
    }
}
