using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class RowNormKernelTests
{
    private const string Roundings = "a mean over a row and five products come to less than ten roundings of 2^-23";
    private const double Epsilon = 1e-5;
    private const int Rows = 70; // two blocks and a part of one

    /// <summary>Widths that are, and are not, multiples of a vector's sixteen elements.</summary>
    public static TheoryData<int, bool, bool> Forwards
    {
        get
        {
            TheoryData<int, bool, bool> cases = [];
            foreach (int width in new[] { 1, 13, 64, 90 })
            {
                foreach (bool added in new[] { false, true })
                {
                    foreach (bool bf16 in new[] { false, true })
                        cases.Add(width, added, bf16);
                }
            }
            return cases;
        }
    }

    /// <summary>Widths, numbers of gradients, whether there is another one beside them, and their type.</summary>
    public static TheoryData<int, int, bool, bool> Backwards
    {
        get
        {
            TheoryData<int, int, bool, bool> cases = [];
            foreach (int width in new[] { 13, 64, 90 })
            {
                foreach (int parts in new[] { 1, 2, 3 })
                {
                    foreach (bool residual in new[] { false, true })
                    {
                        foreach (bool bf16 in new[] { false, true })
                            cases.Add(width, parts, residual, bf16);
                    }
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Forwards))]
    public void Forward_AnyWidth_IsTheExactNorm(int width, bool added, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(3);
        ScalarType type = Type(bf16);
        Tensor input = randn([Rows, width], generator: random), weight = randn([width], generator: random);
        Tensor? delta = added ? random.Normal(type, Rows, width) : null;

        NormalisedRows rows = RowNormKernel.Forward(input, delta, weight, Epsilon, type);

        (Tensor sum, Tensor output, Tensor inverse) = Norm(
            delta is null ? input.to(ScalarType.Float64) : input.to(ScalarType.Float64) + delta.to(ScalarType.Float64), weight.to(ScalarType.Float64));
        rows.Output.dtype.Should().Be(type);
        rows.Sum.ShouldRound(sum, 1e-7, "one addition in fp32");
        rows.Output.ShouldRound(output, 1e-6, Roundings);
        rows.Inverse.ShouldRound(inverse.view(-1), 1e-6, Roundings);
    }

    [Fact]
    public void Forward_WithoutAddition_SumIsTheInput()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = ones(3, 20);

        NormalisedRows rows = RowNormKernel.Forward(input, null, ones(20), Epsilon, ScalarType.Float32);

        rows.Sum.Should().BeSameAs(input, "the caller frees it once");
    }

    [Fact]
    public void Forward_RowOfZeros_IsZero()
    {
        using DisposeScope scope = NewDisposeScope();

        NormalisedRows rows = RowNormKernel.Forward(zeros(1, 20), null, ones(20), Epsilon, ScalarType.Float32);

        rows.Output.count_nonzero().item<long>().Should().Be(0);
        rows.Inverse.ToSingle().Should().BeApproximately(316.2278f, 1e-3f, "epsilon stands alone under the root");
    }

    [Theory]
    [MemberData(nameof(Backwards))]
    public void Backward_SeveralGradients_IsAutogradsOfTheirSum(int width, int parts, bool residual, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(4);
        Tensor input = randn([Rows, width], generator: random), weight = randn([width], generator: random), weightGradient = randn([width], generator: random);
        Tensor[] gradients = [.. Enumerable.Range(0, parts).Select(_ => random.Normal(Type(bf16), Rows, width))];
        Tensor? other = residual ? randn([Rows, width], generator: random) : null;
        Tensor start = weightGradient.to(ScalarType.Float64);
        NormalisedRows rows = RowNormKernel.Forward(input, null, weight, Epsilon, ScalarType.Float32);

        (Tensor wide, Tensor? narrow) = RowNormKernel.Backward(gradients, rows, weight, weightGradient, other, narrow: bf16);

        Tensor exact = input.Exact(), scale = weight.Exact();
        Norm(exact, scale).Output.backward([gradients.Select(gradient => gradient.to(ScalarType.Float64)).Aggregate((sum, gradient) => sum + gradient)]);
        wide.ShouldRound(other is null ? exact.grad! : exact.grad! + other.to(ScalarType.Float64), 1e-6, Roundings);
        weightGradient.ShouldRound(start + scale.grad!, 2e-6, "seventy rows are added up besides");
        (narrow is not null).Should().Be(bf16);
        narrow?.equal(wide.to(ScalarType.BFloat16)).all().item<bool>().Should().BeTrue("it is the same result, rounded");
    }

    [Fact]
    public void Backward_WithinAScope_LeavesItsResultsOnly()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = ones(Rows, 20), weight = ones(20), weightGradient = zeros(20), gradient = ones(Rows, 20);
        NormalisedRows rows = RowNormKernel.Forward(input, null, weight, Epsilon, ScalarType.Float32);
        int before = scope.DisposablesCount;

        RowNormKernel.Backward([gradient], rows, weight, weightGradient, null, narrow: true);

        scope.DisposablesCount.Should().Be(before + 2);
    }

    private static ScalarType Type(bool bf16) => bf16 ? ScalarType.BFloat16 : ScalarType.Float32;

    private static (Tensor Sum, Tensor Output, Tensor Inverse) Norm(Tensor sum, Tensor weight)
    {
        Tensor inverse = (sum.square().mean([1], keepdim: true) + Epsilon).rsqrt(); // (N, 1)
        return (sum, sum * inverse * weight, inverse); // (N, width)
    }
}
