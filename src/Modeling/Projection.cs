using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A linear layer whose fp32 weight, and bias where it has one, are cast to the element type of its input.</summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    /// <summary>Creates the layer; weight and bias are not initialised.</summary>
    public Projection(int inputSize, int outputSize, bool bias = false) : base(nameof(Projection))
    {
        _weight = new Parameter(empty(outputSize, inputSize));
        if (bias)
            _bias = new Parameter(empty(outputSize));
        RegisterComponents();
    }

    /// <summary>The weight, (output, input), fp32.</summary>
    public Parameter Weight => _weight;

    /// <summary>The bias, (output), fp32, where there is one.</summary>
    public Parameter? Bias => _bias;

    /// <summary>(N, input) to (N, output).</summary>
    public override Tensor forward(Tensor input)
    {
        if (_bias is null)
            return LinearProduct.Of(input, _weight.to(input.dtype)); // (N, output)
        using DisposeScope scope = NewDisposeScope();
        return LinearProduct.Of(input, _weight.to(input.dtype)).Add(_bias.to(input.dtype)).MoveToOuterDisposeScope(); // (N, output)
    }
}
