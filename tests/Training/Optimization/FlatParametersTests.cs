using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

public class FlatParametersTests
{
    [Fact]
    public void Construct_TinyModule_KeepsValuesShapesAndNames()
    {
        using TinyModule module = new();
        float[][] before = [.. module.named_parameters().Select(entry => ParameterBed.Read(entry.parameter).ToArray())];

        using FlatParameters parameters = module.Flatten();

        module.named_parameters().Select(entry => ParameterBed.Read(entry.parameter).ToArray()).Should()
            .BeEquivalentTo(before, options => options.WithStrictOrdering());
        parameters.Slices.Select(slice => slice.Name).Should().Equal(module.named_parameters().Select(entry => entry.name));
        parameters.Slices.Select(slice => slice.Shape).Should()
            .BeEquivalentTo(module.parameters().Select(parameter => parameter.shape), options => options.WithStrictOrdering());
        parameters.Slices.Should().OnlyContain(slice => slice.Offset % FlatBuffer.Alignment == 0);
        parameters.Count.Should().Be(module.parameters().Sum(parameter => parameter.numel()));
        module.parameters().Should().OnlyContain(parameter => parameter.is_leaf && parameter.requires_grad);
    }

    [Fact]
    public void Values_Changed_ChangeTheModule()
    {
        using TinyModule module = new();
        using FlatParameters parameters = module.Flatten();
        using DisposeScope scope = NewDisposeScope();
        Tensor before = module.Loss();

        parameters.Values.mul_(2.0);

        ParameterBed.Read(module.parameters().First()).Should().Equal(ParameterBed.Read(parameters.Values).Take((int)parameters.Slices[0].Length));
        module.Loss().item<float>().Should().NotBe(before.item<float>());
    }

    [Fact]
    public void Backward_Twice_AddsIntoTheFlatGradients()
    {
        using TinyModule plain = new();
        using TinyModule module = new();
        using FlatParameters parameters = module.Flatten();

        for (int pass = 1; pass <= 2; pass++)
        {
            using DisposeScope scope = NewDisposeScope();
            plain.Loss().backward();
            module.Loss().backward();
            parameters.EnsureBound();
            foreach ((ParameterSlice slice, Parameter parameter) in parameters.Slices.Zip(plain.parameters()))
            {
                ParameterBed.Read(parameters.Gradients.narrow(0, slice.Offset, slice.Length)).Should()
                    .Equal(ParameterBed.Read(parameter.grad!.flatten()), "pass {0} of '{1}' computes the same as an unflattened module", pass, slice.Name);
            }
        }

        parameters.ZeroGradients();
        parameters.EnsureBound();
        module.parameters().Should().OnlyContain(parameter => ParameterBed.Read(parameter.grad!).All(value => value == 0));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1e9)]
    public void ClipGradients_OnEitherPath_DoesWhatTorchDoes(double maxNorm)
    {
        using ParameterBed torchBed = new();
        using ParameterBed bed = new();
        using ParameterBed deviceBed = new();
        using FlatParameters parameters = new(bed.Named);
        using FlatParameters deviceParameters = new(deviceBed.Named);
        float[] gradients = torchBed.SetGradients(3);
        bed.SetGradients(3);
        deviceBed.SetGradients(3);

        double torchs = nn.utils.clip_grad_norm_(torchBed.Parameters, maxNorm);
        double ours = parameters.ClipGradients(maxNorm);
        using Tensor onDevice = deviceParameters.ClipGradientsOnDevice(maxNorm);

        double exact = Math.Sqrt(gradients.Sum(gradient => (double)gradient * gradient));
        ours.Should().BeApproximately(exact, 1e-12 * exact, "squares are summed in double");
        onDevice.item<float>().Should().BeApproximately((float)exact, (float)(1e-6 * exact));
        torchs.Should().BeApproximately(exact, 1e-5 * exact, "torch sums in fp32");
        double[] expected = Gradients(torchBed);
        ParameterBed.RelativeDistance(Gradients(bed), expected).Should().BeLessThan(1e-6);
        ParameterBed.RelativeDistance(Gradients(deviceBed), expected).Should().BeLessThan(1e-6);

        static double[] Gradients(ParameterBed bed) => [.. bed.Parameters.SelectMany(parameter => ParameterBed.Read(parameter.grad!))
            .Select(value => (double)value)];
    }

    [Fact]
    public void GradientNorm_OnAnyNumberOfThreads_IsTheSameToTheLastBit()
    {
        using ParameterBed bed = new();
        using FlatParameters parameters = new(bed.Named) { Threads = 1 };
        bed.SetGradients(1);
        double one = parameters.GradientNorm();

        using ParameterBed otherBed = new();
        using FlatParameters threaded = new(otherBed.Named) { Threads = 3 };
        otherBed.SetGradients(1);
        threaded.GradientNorm().Should().Be(one);
    }

    [Fact]
    public void EnsureBound_AfterZeroGradOfTheModule_NamesTheParameter()
    {
        using TinyModule module = new();
        using FlatParameters parameters = module.Flatten();
        module.zero_grad();

        FluentActions.Invoking(parameters.EnsureBound).Should().Throw<InvalidOperationException>()
            .WithMessage("The gradient of 'embedding.weight' is not a view*ZeroGradients*");
    }

    [Fact]
    public void EnsureBound_AfterAConversionOfTheModule_NamesTheParameter()
    {
        using TinyModule module = new();
        using FlatParameters parameters = module.Flatten();
        module.to(ScalarType.BFloat16).to(ScalarType.Float32);

        FluentActions.Invoking(parameters.EnsureBound).Should().Throw<InvalidOperationException>()
            .WithMessage("Parameter 'embedding.weight' is no longer a view*");
    }

    [Fact]
    public void Construct_UnfitParameters_ListsEachWithItsReason()
    {
        using Parameter twin = new(ones(3, 4));
        using Parameter frozen = new(ones(2), requires_grad: false);
        using Parameter half = new(ones(2, dtype: ScalarType.BFloat16));

        FluentActions.Invoking(() => new FlatParameters([("first", twin), ("second", twin), ("frozen", frozen), ("half", half)]))
            .Should().Throw<ArgumentException>()
            .WithMessage("*'second' shares its memory with 'first'*'frozen' does not require gradients*'half' is BFloat16, not Float32*");
        FluentActions.Invoking(() => new FlatParameters([])).Should().Throw<ArgumentException>().WithMessage("There are no parameters to train.*");
    }

    [Fact]
    public void Dispose_BeforeTheModule_LeavesItUsable()
    {
        using TinyModule module = new();
        float expected = Loss();
        module.Flatten().Dispose();

        Loss().Should().Be(expected);
        module.parameters().Select(parameter => parameter.grad).Should().AllSatisfy(gradient => gradient.Should().BeNull());

        float Loss()
        {
            using DisposeScope scope = NewDisposeScope();
            return module.Loss().item<float>();
        }
    }
}
