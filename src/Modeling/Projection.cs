using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A linear layer without bias whose fp32 weight is cast to the element type of its input.</summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    /// <summary>Creates the layer; the weight is not initialised.</summary>
    public Projection(int inputSize, int outputSize) : base(nameof(Projection))
    {
        _weight = new Parameter(empty(outputSize, inputSize));
        RegisterComponents();
    }

    /// <summary>The weight, (output, input), fp32.</summary>
    public Parameter Weight => _weight;

    /// <summary>(N, input) to (N, output).</summary>
    public override Tensor forward(Tensor input) => LinearProduct.Of(input, _weight.to(input.dtype)); // (N, output)
}
