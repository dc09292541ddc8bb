using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>How far weights have moved, by a sample of them.</summary>
public sealed class WeightSampleTests : IDisposable
{
    private readonly Parameter _parameter = new(tensor(new float[] { 3, 0, -4, 0, 12, 0 }));
    private readonly FlatParameters _parameters;
    private readonly WeightSample _sample;

    public WeightSampleTests()
    {
        _parameters = new FlatParameters([("weights", _parameter)]);
        _sample = new WeightSample(_parameters);
    }

    [Fact]
    public void Size_IsThatOfWhatIsNotZero() => _sample.Size().Should().BeApproximately(Math.Sqrt((9 + 16 + 144) / 3.0), 1e-12);

    [Fact]
    public void Size_OfZeros_IsZero()
    {
        using Tensor nothing = zeros(5);
        using WeightSample sample = new(nothing);

        sample.Size().Should().Be(0);
    }

    [Fact]
    public void MovedTo_SameWeights_IsNoWay() => _sample.MovedTo(_parameters).Should().Be((0, 1));

    [Fact]
    public void MovedTo_SomeOther_IsTheWayOverTheLength()
    {
        Set(3, 0, -4, 0, 13, 2); // one by 1, one by 2 that was 0, two of four not at all

        (double relative, double unmoved) = _sample.MovedTo(_parameters);

        relative.Should().BeApproximately(Math.Sqrt(5.0 / 169), 1e-12);
        unmoved.Should().Be(0.5);
    }

    [Fact]
    public void MovedTo_WeightThatBecomesZero_HasMoved() => Moved(0, 0, -4, 0, 12, 0).Unmoved.Should().BeApproximately(2.0 / 3, 1e-12);

    [Fact]
    public void MovedTo_ZerosAlone_IsNoWay()
    {
        using Tensor nothing = zeros(_sample.Values.numel());
        using WeightSample sample = new(nothing);
        Set(0, 0, 0, 0, 0, 0);

        sample.MovedTo(_parameters).Should().Be((0, 1));
    }

    [Fact]
    public void New_OfASample_IsACopyOfIt()
    {
        using Tensor values = tensor(new float[] { 1, 2 });
        using WeightSample copy = new(values);
        values.zero_();

        copy.Values.data<float>().ToArray().Should().Equal(1, 2);
    }

    public void Dispose()
    {
        _sample.Dispose();
        _parameters.Dispose();
        _parameter.Dispose();
    }

    private (double Relative, double Unmoved) Moved(params float[] weights)
    {
        Set(weights);
        return _sample.MovedTo(_parameters);
    }

    private void Set(params float[] weights)
    {
        using IDisposable noGradient = no_grad();
        using Tensor values = tensor(weights);
        _parameter.copy_(values);
    }
}
