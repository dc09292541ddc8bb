using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling.Adapters;

/// <summary>One adapted linear layer in double precision against finite differences of what it gives.</summary>
/// <remarks>Dropout draws from libtorch's default generator: nothing else may draw meanwhile.</remarks>
[CollectionDefinition(nameof(LinearPassTests), DisableParallelization = true)]
[Collection(nameof(LinearPassTests))]
public sealed class LinearPassTests
{
    private const int Rows = 7, Input = 6, Output = 5, Rank = 2;
    private const double Step = 1e-5;

    public static TheoryData<bool, double> Kinds => new() { { false, 0 }, { true, 0 }, { false, 0.4 }, { true, 0.4 } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Backward_InDouble_IsFiniteDifferences(bool dora, double dropout)
    {
        using DisposeScope scope = NewDisposeScope();
        Layer layer = new(dora, dropout);

        (Tensor rows, Dictionary<string, Tensor> gradients) = layer.Backward();

        foreach ((string name, Tensor values) in layer.Inputs)
        {
            layer.Differences(values).Should().BeEquivalentTo(
            (name == "rows" ? rows : gradients[name]).data<double>().ToArray(),
                options => options.WithStrictOrdering().Using<double>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-8)).WhenTypeIs<double>(), name);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AddTo_InDouble_GivesWhatThePassGivesAndItsGradients(bool dora)
    {
        using DisposeScope scope = NewDisposeScope();
        Layer layer = new(dora, 0);
        (Tensor rows, Dictionary<string, Tensor> gradients) = layer.Backward();
        foreach ((_, TorchSharp.Modules.Parameter parameter) in layer.Parameters)
            parameter.grad = null;

        Tensor input = layer.Rows.detach().requires_grad_();
        Tensor output = layer.Pair.AddTo(nn.functional.linear(input, layer.Matrix.Weight), input, layer.Matrix, training: true);
        output.backward([layer.Gradient]);

        Distance(output, layer.Forward()).Should().BeLessThan(1e-14);
        Distance(input.grad!, rows).Should().BeLessThan(1e-14);
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in layer.Parameters)
            Distance(parameter.grad!, gradients[name]).Should().BeLessThan(1e-14, name);
        if (dora)
            return;
        Distance(output, nn.functional.linear(layer.Rows, layer.Matrix.Weight.add(layer.Pair.B.mm(layer.Pair.A).mul(1.5)))).Should()
            .BeLessThan(1e-14, "alpha 3 over rank 2 is the scale");
    }

    [Fact]
    public void RowNorms_OfTheSum_AreThoseOfItsRows()
    {
        using DisposeScope scope = NewDisposeScope();
        Layer layer = new(dora: true, 0);

        Tensor sum = layer.Matrix.Weight.add(layer.Pair.B.mm(layer.Pair.A).mul(1.5));

        Distance(layer.Pair.RowNorms(layer.Matrix), sum.norm(1)).Should().BeLessThan(1e-14);
    }

    [Theory]
    [InlineData(FrozenFormat.Int8)]
    [InlineData(FrozenFormat.BFloat16)]
    public void Of_FrozenMatrixInParts_IsTheProductOfTheWhole(FrozenFormat format)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Generator random = new(3);
        // more than the 4 Mi elements of a part
        using StoredMatrix dense = new(StoredMatrix.Frozen(randn([5003, 1024], generator: random))), stored = dense.Copy(format, CPU);
        using LinearPass pass = new(stored, ScalarType.Float32);
        Tensor rows = randn([3, 1024], generator: random), gradient = randn([3, 5003], generator: random), whole = stored.Dense(ScalarType.Float32);

        TensorAssertions.RelativeDistance(pass.Of(rows), nn.functional.linear(rows, whole)).Should().BeLessThan(1e-6);
        TensorAssertions.RelativeDistance(pass.Back(gradient), gradient.mm(whole)).Should().BeLessThan(1e-5, "sums of 5003 products round in another order");
        pass.IsTrained.Should().BeFalse();
    }

    [Fact]
    public void Scale_RankStabilized_IsAlphaOverTheRoot()
    {
        using LowRankPair pair = new(zeros(4, 3), zeros(2, 4), null, alpha: 6, rankStabilized: true, 0, trained: false);

        pair.Scale.Should().Be(3);
    }

    private static double Distance(Tensor tensor, Tensor other) => (tensor - other).abs().max().to(ScalarType.Float64).item<double>();

    private sealed class Layer
    {
        private readonly Tensor _cosines = zeros(1);
        private readonly double _dropout;

        public Layer(bool dora, double dropout)
        {
            using Generator random = new(3);
            Tensor Random(params long[] shape) => randn(shape, ScalarType.Float64, generator: random);
            _dropout = dropout;
            Matrix = new StoredMatrix(StoredMatrix.Frozen(Random(Output, Input)));
            Pair = new LowRankPair(Random(Rank, Input), Random(Output, Rank), dora ? Random(Output) : null, alpha: 3, rankStabilized: false, dropout,
                trained: true);
            (Rows, Gradient) = (Random(LinearPassTests.Rows, Input), Random(LinearPassTests.Rows, Output));
        }

        public StoredMatrix Matrix { get; }

        public LowRankPair Pair { get; }

        public Tensor Rows { get; }

        public Tensor Gradient { get; }

        public IEnumerable<(string Name, TorchSharp.Modules.Parameter Parameter)> Parameters =>
            new[] { ("a", Pair.A), ("b", Pair.B), ("magnitude", Pair.Magnitude) }.Where(p => p.Item2 is not null)!;

        public IEnumerable<(string Name, Tensor Values)> Inputs => Parameters.Select(p => (p.Name, (Tensor)p.Parameter)).Append(("rows", Rows));

        public Tensor Forward()
        {
            using IDisposable noGradient = no_grad();
            return Pass().Of(Rows);
        }

        public (Tensor Rows, Dictionary<string, Tensor> Gradients) Backward()
        {
            using IDisposable noGradient = no_grad();
            using LinearPass pass = Pass();
            pass.Of(Rows);
            pass.AddGradient(Gradient, Rows);
            Tensor rows = pass.Back(Gradient);
            return (rows, Parameters.ToDictionary(p => p.Name, p => p.Parameter.grad!));
        }

        /// <summary>Central differences of the sum of the output times the gradient; the row norms of DoRA count as constants, so they are kept.</summary>
        public double[] Differences(Tensor values)
        {
            using IDisposable noGradient = no_grad();
            Tensor norms = Pair.RowNorms(Matrix), flat = values.view(-1);
            double Value()
            {
                Tensor output = Forward();
                if (Pair.Magnitude is not null)
                    output = output * (Pair.RowNorms(Matrix) / norms);
                return (output * Gradient).sum().item<double>();
            }
            double Moved(long index, double by)
            {
                flat[index].add_(by);
                double value = Value();
                flat[index].sub_(by);
                return value;
            }
            return [.. Enumerable.Range(0, (int)flat.numel()).Select(i => (Moved(i, Step) - Moved(i, -Step)) / (2 * Step))];
        }

        private LinearPass Pass()
        {
            if (_dropout > 0)
                manual_seed(11); // the same activations are dropped each time
            ForwardContext context = new()
            {
                Layout = new RectangularLayout(1, 1, CPU), Cosines = _cosines, SignedSines = _cosines, ComputeType = ScalarType.Float64, Training = true,
            };
            return new LinearPass(Matrix, Pair, ScalarType.Float64, context);
        }
    }
}
